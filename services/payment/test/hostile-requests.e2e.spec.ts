import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { eventually, spawnSystem, type SpawnedSystem } from '@once/testing';
import { Client } from 'pg';
import { beforeAll, describe, expect, it } from 'vitest';
import { acme, CARD, DOLLAR_ARTICLE, POST, REQUESTS, SECRETS, type Hostile } from './hostile-requests.js';
import { OutsideStory } from './outside-story.js';

let system: SpawnedSystem;
let orderId: string;

beforeAll(async () => {
  system = await spawnSystem({ env: { ...SECRETS, LOG_LEVEL: 'trace' } });
  await database(system.databases.order.url, (client) =>
    client.query(`insert into stock_item (sku, unit_amount, currency, available) values ($1, 1500, 'USD', 10)`, [
      DOLLAR_ARTICLE,
    ]),
  );
  const story = new OutsideStory(system);
  orderId = await story.place();
  await eventually(async () => expect(await story.timeline(orderId)).toHaveLength(3), { withinMs: 60_000 });
  // What was sent leaves its row a moment later.
  await eventually(
    async () => expect(JSON.stringify(await rowsOf(system))).not.toMatch(/"outbox_message","rows":"[1-9]/),
    {
      withinMs: 60_000,
    },
  );
});

describe('a hostile request', () => {
  it('is refused clearly, and leaves no row', async () => {
    const before = await rowsOf(system);
    const others = [`GET /orders/${orderId}`, `GET /orders/${orderId}/timeline`, `POST /orders/${orderId}/cancel`];
    const all = [
      ...REQUESTS,
      ...others.map((line): Hostile => ({
        name: `another’s: ${line}`,
        line: `${line} HTTP/1.1`,
        headers: [acme],
        status: 404,
      })),
    ];
    const answers = await Promise.all(all.map(async (hostile) => [hostile.name, await answerTo(hostile)]));

    expect(all.length).toBeGreaterThan(30);
    expect(answers).toEqual(all.map(({ name, status }) => [name, `${status} problem`]));
    expect(await rowsOf(system)).toEqual(before);
    // Nobody's prototype was polluted, and everything still serves.
    expect(await new OutsideStory(system).order(orderId)).toMatchObject({ status: 'confirmed' });
  });

  it('brings no secret into a log, whatever else is in there', async () => {
    await database(system.databases.payment.url, (client) => client.query('drop table payment cascade'));
    await new OutsideStory(system).place();
    await eventually(() => expect(system.payment.logs()).toContain('does not exist'), { withinMs: 60_000 });
    for (const service of [system.order, system.payment, system.notification, system.sandbox]) {
      const logs = service.logs();
      expect(logs).not.toContain('4711');
      expect(logs).not.toContain('sk_demo');
      expect(logs).not.toContain(CARD);
      expect(logs).not.toContain('op_demo');
      expect(logs).not.toMatch(/postgres:\/\/[^:]+:(?!\[redacted\])[^@]+@/);
    }
  });
});

describe('an account that asks too often', () => {
  it('is refused until a second has passed, and no other account is', async () => {
    const limited = await system.order.replica(1, { RATE_LIMIT_PER_SECOND: '3' });
    const list = (headers: Record<string, string>) => fetch(`${limited.url}/orders`, { headers });
    const answers = await Promise.all(Array.from({ length: 20 }, () => list({ authorization: 'Bearer sk_demo' })));
    const refused = answers.filter(({ status }) => status !== 200);
    expect(refused.length).toBeGreaterThan(10);
    for (const answer of refused) {
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '1']);
      expect(await answer.json()).toMatchObject({ type: '/problems/rate-limited' });
    }
    expect((await list({ authorization: 'Bearer sk_hidden_acme_4711' })).status).toBe(200);
  });
});

/** Sends the bytes as they are, and says the status and whether the answer is a problem. */
async function answerTo({
  to = 'order',
  line = POST,
  headers = [],
  body = '',
  isRaw = false,
}: Hostile): Promise<string> {
  const length = body === '' ? [] : [`Content-Length: ${Buffer.byteLength(body)}`];
  const head = isRaw ? [line, ...headers] : [line, 'Host: once.example', ...length, ...headers];
  const socket = connect(system[to].port, '127.0.0.1');
  socket.write([...head, 'Connection: close', '', body].join('\r\n'));
  const answer = await text(socket).catch(() => '');
  const status = /^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 'no answer';
  return `${status} ${/^content-type: application\/problem\+json/im.test(answer) ? 'problem' : answer.slice(0, 300)}`;
}

/** How many rows every table of every service has. */
async function rowsOf({ databases }: SpawnedSystem): Promise<object> {
  const counts = await Promise.all(
    Object.entries(databases).map(async ([name, { url }]) => [
      name,
      await database(url, async (client) => {
        const { rows } = await client.query<{ name: string; rows: string }>(
          `select relname as name, (xpath('/row/c/text()', query_to_xml(format('select count(*) as c from %I', relname),
                  false, true, '')))[1]::text as rows
             from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace order by relname`,
        );
        return rows;
      }),
    ]),
  );
  return Object.fromEntries(counts) as object;
}

async function database<Result>(url: string, use: (client: Client) => Promise<Result>): Promise<Result> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}
