import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { auditSystem, eventually, runAudit, spawnSystem, type SpawnedSystem } from '@once/testing';
import { Client } from 'pg';
import { beforeAll, describe, expect, it } from 'vitest';

let system: SpawnedSystem;

beforeAll(async () => {
  system = await spawnSystem();
});

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
    const { exitCode, findings } = await auditSystem(system);

    expect(findings).toMatchObject({
      verdict: 'invalid',
      why: expect.stringContaining('Nothing has happened') as string,
    });
    expect(exitCode).toBe(2);
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
    const lines = ['paid', 'refunded', 'declined', 'out-of-stock'].map((key) =>
      JSON.stringify({ ...request, key, fingerprint: key, order_id: paid, body_digest: '1' }),
    );
    await writeFile(log, `${lines.join('\n')}\n`);
    const { exitCode, findings } = await auditSystem(system, { args: ['--requests', log, '--stock', 'mug=1000000'] });
    await rm(directory, { recursive: true });

    expect(findings.invariants.filter(({ verdict }) => verdict !== 'holds')).toEqual([]);
    expect(findings).toMatchObject({ verdict: 'green', counts: { orders: 4, captures: 2, refunds: 1, requests: 4 } });
    expect(exitCode).toBe(0);
  });

  it('is invalid when a source is away, and says which', async () => {
    const { exitCode, output } = await runAudit(system, { env: { SANDBOX_URL: 'http://127.0.0.1:1' } });

    expect(output).toMatch(/^\n– invalid: The sandbox at http:\/\/127\.0\.0\.1:1\S+ cannot be read/);
    expect(exitCode).toBe(2);
  });

  it('names what is broken, with its rows and the story of the order', async () => {
    const orderId = await place('broken', 'print', 'pm_card_visa');
    await waitFor(orderId, 'confirmed');
    await execute('payment', `update payment set captured_amount = 0 where order_id = '${orderId}'`);

    const { broken, findings } = await auditSystem(system);
    expect(broken).toEqual({
      'books-match-the-ledger': [
        { order_id: orderId, 'our captured': 0, "ledger's captured": 4000, 'our refunded': 0, "ledger's refunded": 0 },
      ],
    });
    expect(findings.timelines[orderId]?.map(({ event }) => event)).toContain('pivoted');

    const { exitCode, output } = await runAudit(system, {});
    expect(exitCode).toBe(1);
    expect(output).toContain('✗ broken: books-match-the-ledger');
    expect(output).toContain(`order ${orderId}`);
    await execute('payment', `update payment set captured_amount = 4000 where order_id = '${orderId}'`);
  });

  it('waits for work that is under way, and finds what stays undone', async () => {
    const stuck = `update saga set state = 'running', timer_at = now() + interval '1 hour'`;
    await execute('order', `${stuck} where id = (select id from saga limit 1)`);

    const { broken, findings } = await auditSystem(system, { args: ['--within', '4'] });
    expect(findings).toMatchObject({ verdict: 'broken', rest: 'stuck' });
    expect(Object.keys(broken)).toContain('every-saga-ends');
  });
});
