import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually, spawnSystem, type SpawnedSystem } from '@once/testing';
import { Client } from 'pg';
import { beforeAll, describe, expect, it } from 'vitest';

const script = fileURLToPath(new URL('../../audit.mjs', import.meta.url));

interface Findings {
  readonly verdict: string;
  readonly why?: string;
  readonly counts: Record<string, number>;
  readonly invariants: readonly { readonly name: string; readonly verdict: string; readonly rows: readonly object[] }[];
  readonly timelines: Record<string, readonly { readonly event: string }[]>;
}

let system: SpawnedSystem;

beforeAll(async () => {
  system = await spawnSystem();
});

const environmentOf = ({ databases, sandbox, broker }: SpawnedSystem) => ({
  ORDER_DATABASE_URL: databases.order.url,
  PAYMENT_DATABASE_URL: databases.payment.url,
  NOTIFICATION_DATABASE_URL: databases.notification.url,
  SANDBOX_URL: sandbox.url,
  AMQP_URL: broker.amqpUrl,
  AMQP_MANAGEMENT_URL: broker.managementUrl,
});

/** `npm run audit` against the system, as a program of its own. */
const runAudit = async (args: readonly string[], environment = {}): Promise<{ code: unknown; output: string }> => {
  const child = spawn(process.execPath, [script, ...args], {
    env: { ...process.env, ...environmentOf(system), ...environment },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  const [code] = (await once(child, 'close')) as [unknown];
  return { code, output: Buffer.concat(chunks).toString() };
};

const findingsOf = (output: string): Findings => JSON.parse(output) as Findings;

const ask = async (method: string, path: string, body?: object, key?: string) => {
  const response = await fetch(system.order.url + path, {
    method,
    headers: {
      authorization: 'Bearer sk_demo',
      ...(key === undefined ? {} : { 'idempotency-key': key }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, text: await response.text() };
};

const place = async (key: string, sku: string, method: string, quantity = 1): Promise<string> => {
  const body = { customer: { email: 'ada@example.com' }, items: [{ sku, quantity }], payment: { method } };
  const { status, text } = await ask('POST', '/orders', body, key);
  expect(status, text).toBe(202);
  return (JSON.parse(text) as { id: string }).id;
};

const waitFor = (orderId: string, status: string) =>
  eventually(async () => expect(JSON.parse((await ask('GET', `/orders/${orderId}`)).text)).toMatchObject({ status }), {
    withinMs: 20_000,
  });

const execute = async (database: 'order' | 'payment', statement: string): Promise<void> => {
  const client = new Client({ connectionString: system.databases[database].url });
  await client.connect();
  await client.query(statement);
  await client.end();
};

describe('the audit of a running system', () => {
  it('is invalid before anything has happened', async () => {
    const { code, output } = await runAudit(['--json']);

    expect(findingsOf(output)).toEqual({
      verdict: 'invalid',
      why: expect.stringContaining('Nothing has happened') as string,
    });
    expect(code).toBe(2);
  });

  it('is green after orders were paid, declined, out of stock and refunded, and judges their answers too', async () => {
    const paid = await place('paid', 'mug', 'pm_card_visa');
    const refunded = await place('refunded', 'tee', 'pm_card_visa');
    await place('declined', 'mug', 'pm_card_chargeDeclined');
    await place('out-of-stock', 'limited', 'pm_card_visa', 11);
    await Promise.all([waitFor(paid, 'confirmed'), waitFor(refunded, 'confirmed')]);
    await ask('POST', `/orders/${refunded}/cancel`);
    await waitFor(refunded, 'cancelled');

    const directory = await mkdtemp(join(tmpdir(), 'once-requests-'));
    const log = join(directory, 'requests.ndjson');
    const request = { sent_at: '2020-01-01T00:00:00Z', account: 'demo', method: 'POST', path: '/orders', status: 202 };
    const keys = ['paid', 'refunded', 'declined', 'out-of-stock'];
    const lines = keys.map((key) =>
      JSON.stringify({ ...request, key, fingerprint: key, order_id: paid, body_digest: '1' }),
    );
    await writeFile(log, `${lines.join('\n')}\n`);
    const { code, output } = await runAudit(['--json', '--requests', log, '--stock', 'mug=1000000']);
    await rm(directory, { recursive: true });

    const findings = findingsOf(output);
    expect(findings.invariants.filter(({ verdict }) => verdict !== 'holds')).toEqual([]);
    expect(findings).toMatchObject({ verdict: 'green', counts: { orders: 4, captures: 2, refunds: 1, requests: 4 } });
    expect(code).toBe(0);
  });

  it('is invalid when a source is away, and says which', async () => {
    const { code, output } = await runAudit([], { SANDBOX_URL: 'http://127.0.0.1:1' });

    expect(output).toMatch(/^\n– invalid: The sandbox at http:\/\/127\.0\.0\.1:1\S+ cannot be read/);
    expect(code).toBe(2);
  });

  it('names what is broken, with its rows and the story of the order', async () => {
    const orderId = await place('broken', 'print', 'pm_card_visa');
    await waitFor(orderId, 'confirmed');
    await execute('payment', `update payment set captured_amount = 0 where order_id = '${orderId}'`);

    const findings = findingsOf((await runAudit(['--json'])).output);
    const broken = findings.invariants.filter(({ verdict }) => verdict === 'broken');
    expect(broken).toEqual([
      expect.objectContaining({
        name: 'books-match-the-ledger',
        rows: [expect.objectContaining({ order_id: orderId, 'our captured': 0, "ledger's captured": 4000 })],
      }),
    ]);
    expect(findings.timelines[orderId]?.map(({ event }) => event)).toContain('pivoted');

    const { code, output } = await runAudit([]);
    expect(code).toBe(1);
    expect(output).toContain('✗ broken: books-match-the-ledger');
    expect(output).toContain(`order ${orderId}`);
    await execute('payment', `update payment set captured_amount = 4000 where order_id = '${orderId}'`);
  });

  it('waits for work that is under way, and finds what stays undone', async () => {
    await execute(
      'order',
      `update saga set state = 'running', timer_at = now() + interval '1 hour' where id = (select id from saga limit 1)`,
    );

    const findings = findingsOf((await runAudit(['--json', '--within', '4'])).output);
    expect(findings).toMatchObject({ verdict: 'broken', rest: 'stuck' });
    expect(findings.invariants.filter(({ verdict }) => verdict === 'broken').map(({ name }) => name)).toContain(
      'every-saga-ends',
    );
  });
});
