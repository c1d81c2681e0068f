import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { eventually, spawnSystem, type SpawnedSystem } from '@once/testing';
import { Client } from 'pg';
import Stripe from 'stripe';
import { beforeAll, describe, expect, it } from 'vitest';
import { OutsideStory } from './outside-story.js';

/** Secrets that are found in a log if anything puts them there. */
const SECRETS = {
  API_KEYS: 'demo=sk_demo,acme=sk_hidden_acme_4711',
  OPERATOR_KEY: 'op_demo',
  PAYMENT_PROVIDER_KEY: 'sk_hidden_provider_4711',
  PAYMENT_WEBHOOK_SECRET: 'whsec_hidden_4711',
} as const;

const stripe = new Stripe('sk_test_signs_only');
let system: SpawnedSystem;
let orderId: string;

beforeAll(async () => {
  system = await spawnSystem({ env: { ...SECRETS, LOG_LEVEL: 'trace' } });
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

interface Hostile {
  readonly name: string;
  readonly status: number;
  readonly to?: 'order' | 'payment' | 'notification';
  readonly line?: string;
  readonly headers?: readonly string[];
  readonly body?: string;
  /** Nothing is added: the bytes are all there is. */
  readonly isRaw?: boolean;
}

const WISH = {
  customer: { email: 'eve@example.com' },
  items: [{ sku: 'mug', quantity: 1 }],
  payment: { method: 'pm_card_visa' },
};
const wish = (fields: object = {}): string => JSON.stringify({ ...WISH, ...fields });
const items = (...list: readonly object[]): string => wish({ items: list });

const POST = 'POST /orders HTTP/1.1';
const DEMO = 'Authorization: Bearer sk_demo';
const OPERATOR = 'Authorization: Bearer op_demo';
const JSON_TYPE = 'Content-Type: application/json';
const key = (): string => `Idempotency-Key: hostile-${randomUUID()}`;
const customer = (): readonly string[] => [DEMO, JSON_TYPE, key()];
const acme = 'Authorization: Bearer sk_hidden_acme_4711';

const event = JSON.stringify({
  id: 'evt_hostile',
  object: 'event',
  created: Math.floor(Date.now() / 1_000),
  type: 'payment_intent.succeeded',
  data: {
    object: { id: 'pi_x', status: 'succeeded', amount: 1, currency: 'eur', metadata: { order_id: randomUUID() } },
  },
});
const signature = (secret: string, ageS = 0, payload = event): string =>
  `Stripe-Signature: ${stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp: Math.floor(Date.now() / 1_000) - ageS })}`;
const webhook = (name: string, ...headers: readonly string[]): Hostile => ({
  name: `a webhook ${name}`,
  to: 'payment',
  line: 'POST /webhooks/stripe HTTP/1.1',
  headers: [JSON_TYPE, ...headers],
  body: event,
  status: 400,
});

/** Each is refused by name, by something in front of every effect. */
const REQUESTS: readonly Hostile[] = [
  { name: 'nobody', headers: [JSON_TYPE, key()], body: wish(), status: 401 },
  {
    name: 'a key that is SQL',
    headers: [`Authorization: Bearer '||(select'1')--`, JSON_TYPE, key()],
    body: wish(),
    status: 401,
  },
  { name: 'the operator as a customer', headers: [OPERATOR, JSON_TYPE, key()], body: wish(), status: 403 },
  { name: 'a customer as the operator', line: 'GET /operator/sagas HTTP/1.1', headers: [DEMO], status: 403 },
  {
    name: 'a customer as the operator of mails',
    to: 'notification',
    line: 'GET /operator/dead-letters HTTP/1.1',
    headers: [DEMO],
    status: 403,
  },
  {
    name: 'nobody as the operator of money',
    to: 'payment',
    line: 'POST /operator/reconciliation HTTP/1.1',
    headers: [JSON_TYPE],
    body: '{}',
    status: 401,
  },
  { name: 'a field nobody knows', headers: customer(), body: wish({ amount: 1 }), status: 400 },
  {
    name: 'a price of one’s own',
    headers: customer(),
    body: items({ sku: 'mug', quantity: 1, unitAmount: 1 }),
    status: 400,
  },
  {
    name: '__proto__',
    headers: customer(),
    body: wish().replace('{', '{"__proto__":{"isOperator":true},'),
    status: 400,
  },
  {
    name: 'constructor.prototype',
    headers: customer(),
    body: wish({ constructor: { prototype: { a: 1 } } }),
    status: 400,
  },
  { name: 'less than nothing', headers: customer(), body: items({ sku: 'mug', quantity: -1 }), status: 400 },
  { name: 'half a mug', headers: customer(), body: items({ sku: 'mug', quantity: 0.5 }), status: 400 },
  {
    name: 'more than a number holds',
    headers: customer(),
    body: wish().replace('"quantity":1', '"quantity":1e400'),
    status: 400,
  },
  {
    name: 'SQL as an SKU',
    headers: customer(),
    body: items({ sku: `mug';drop/**/table/**/customer_order;--`, quantity: 1 }),
    status: 422,
  },
  { name: 'an object as an SKU', headers: customer(), body: items({ sku: { $gt: '' }, quantity: 1 }), status: 400 },
  {
    name: 'a mail header in an address',
    headers: customer(),
    body: wish({ customer: { email: 'a@example.com\r\nBcc: b@example.com' } }),
    status: 400,
  },
  {
    name: 'markup as an address',
    headers: customer(),
    body: wish({ customer: { email: '<script>@example.com' } }),
    status: 400,
  },
  { name: 'a NUL in a method', headers: customer(), body: wish({ payment: { method: 'pm\u0000' } }), status: 400 },
  {
    name: 'one SKU twice',
    headers: customer(),
    body: items(...[1, 2].map((quantity) => ({ sku: 'mug', quantity }))),
    status: 400,
  },
  {
    name: 'ten thousand arrays in each other',
    headers: customer(),
    body: '['.repeat(10_000) + ']'.repeat(10_000),
    status: 400,
  },
  { name: 'a giant body', headers: customer(), body: wish({ padding: 'x'.repeat(70_000) }), status: 413 },
  { name: 'half a body of JSON', headers: customer(), body: wish().slice(0, -5), status: 400 },
  {
    name: 'XML',
    headers: [DEMO, 'Content-Type: application/xml', key()],
    body: '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>',
    status: 415,
  },
  { name: 'no key', headers: [DEMO, JSON_TYPE], body: wish(), status: 400 },
  { name: 'two keys', headers: [...customer(), key()], body: wish(), status: 400 },
  { name: 'a list of keys', headers: [DEMO, JSON_TYPE, 'Idempotency-Key: "a", "b"'], body: wish(), status: 400 },
  {
    name: 'a key of 256 characters',
    headers: [DEMO, JSON_TYPE, `Idempotency-Key: ${'k'.repeat(256)}`],
    body: wish(),
    status: 400,
  },
  { name: 'a giant header', headers: [...customer(), `X-Padding: ${'x'.repeat(20_000)}`], body: wish(), status: 431 },
  { name: 'two lengths', headers: [...customer(), 'Content-Length: 5'], body: wish(), status: 400 },
  { name: 'a length and chunks', headers: [...customer(), 'Transfer-Encoding: chunked'], body: wish(), status: 400 },
  {
    name: 'chunks by another name',
    isRaw: true,
    headers: ['Host: a', ...customer(), 'Transfer-Encoding: xchunked'],
    body: wish(),
    status: 400,
  },
  { name: 'a header name with a space', headers: [...customer(), 'X Evil: 1'], body: wish(), status: 400 },
  { name: 'no host', isRaw: true, line: 'GET /orders HTTP/1.1', headers: [DEMO], status: 400 },
  { name: 'a folded header', headers: [...customer(), 'X-A: 1\r\n continued\r\n\u0000'], body: wish(), status: 400 },
  { name: 'a way out of the path', line: 'GET /orders/..%2f..%2fetc%2fpasswd HTTP/1.1', headers: [DEMO], status: 404 },
  { name: 'a path that cannot be read', line: 'GET /orders/%zz HTTP/1.1', headers: [DEMO], status: 400 },
  { name: 'a NUL as an id', line: 'GET /orders/%00 HTTP/1.1', headers: [DEMO], status: 404 },
  { name: 'SQL as a cursor', line: `GET /orders?cursor='or+1=1-- HTTP/1.1`, headers: [DEMO], status: 400 },
  { name: 'a page of a billion', line: 'GET /orders?limit=1000000000 HTTP/1.1', headers: [DEMO], status: 400 },
  {
    name: 'stock without knowing what it was',
    line: 'PUT /operator/stock/mug HTTP/1.1',
    headers: [OPERATOR, JSON_TYPE],
    body: '{"available":9}',
    status: 428,
  },
  webhook('without a signature'),
  webhook('signed by somebody else', signature('whsec_sandbox')),
  webhook('signed for other bytes', signature(SECRETS.PAYMENT_WEBHOOK_SECRET, 0, `${event} `)),
  webhook('that is played back', signature(SECRETS.PAYMENT_WEBHOOK_SECRET, 600)),
  webhook('with two signatures, neither of them good', signature('whsec_a'), signature('whsec_b')),
];

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
      expect(logs).not.toContain('op_demo');
      expect(logs).not.toMatch(/postgres:\/\/[^:]+:(?!\[redacted\])[^@]+@/);
    }
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
