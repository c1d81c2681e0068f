import { randomUUID } from 'node:crypto';
import { auditSystem, eventually, setFaults, spawnSystem, type SpawnedSystem } from '@once/testing';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** A pause of 50 ms instead of thirty seconds: what takes an hour in production takes some seconds here. */
const SETTINGS = {
  IDEMPOTENCY_LEASE_MS: '4000',
  PROVIDER_TIMEOUT_MS: '1000',
  RETRY_BACKOFF_MAX_MS: '50',
  OUTBOX_SWEEP_MS: '20',
  SAGA_STEP_TIMEOUT_MS: '1000',
} as const;
/** An hour of thirty-second pauses. */
const TRIES = 120;
const WITHIN = { withinMs: 120_000, everyMs: 200 } as const;

let system: SpawnedSystem;
let database: Client;
beforeAll(async () => {
  system = await spawnSystem({ env: SETTINGS });
  database = new Client({ connectionString: system.databases.notification.url });
  await database.connect();
});
afterAll(() => database.end());

describe('a mailbox that is down for an hour', () => {
  it('delays every mail, loses none, and holds up no order', async () => {
    await setFaults(system, [{ operation: 'smtp.send', fault: 'down' }]);
    const [paid, declined, regretted] = [
      await placeMany('pm_card_visa', 1),
      await placeMany('pm_card_chargeDeclined', 1),
      await placeMany('pm_card_visa', 1),
    ];
    await untilAll([...paid, ...regretted], 'confirmed');
    await Promise.all(
      regretted.map((id) => ask(system.order.url, `/orders/${id}/cancel`, { ...AS_DEMO, method: 'POST' })),
    );
    await untilAll([...declined, ...regretted], 'cancelled');

    await eventually(async () => expect(await fewestTries([...paid, ...declined])).toBeGreaterThan(TRIES), WITHIN);
    const late = await placeMany('pm_card_visa', 10);
    await untilAll(late, 'confirmed');
    expect(await mailbox()).toEqual([]);

    await setFaults(system, []);
    const due = [
      ...[...paid, ...late].map((id) => `${id} confirmed`),
      ...declined.map((id) => `${id} cancelled`),
      // That they were confirmed was never told, and is not any more.
      ...regretted.map((id) => `${id} cancelled`),
    ];
    const mails = await eventually(async () => {
      const found = await mailbox();
      expect(new Set(found.map(nameOf))).toEqual(new Set(due));
      return found;
    }, WITHIN);
    expect(new Set(mails.map(({ messageId }) => messageId)).size).toBe(due.length);

    const { broken, findings } = await auditSystem(system);
    expect(broken).toEqual({});
    expect(findings.counts).toMatchObject({ mails: mails.length, mailCopies: mails.length - due.length });
  });
});

describe('a mailbox that takes a mail and loses the answer', () => {
  it('gets copies of one message, and every one of them is counted', async () => {
    await setFaults(system, [{ operation: 'smtp.send', fault: 'accept_then_timeout', times: 2, delayMs: 5_000 }]);
    const possibleBefore = await counted('mail_possible_copies_total');
    const [id = ''] = await placeMany('pm_card_visa', 1);
    await eventually(async () => expect((await attempts(id)).at(-1)).toBe('sent'), WITHIN);

    expect(await attempts(id)).toEqual(['unknown', 'unknown', 'sent']);
    const mails = (await mailbox()).filter(({ orderId }) => orderId === id);
    expect(mails).toHaveLength(3);
    expect(new Set(mails.map(({ messageId }) => messageId)).size).toBe(1);
    expect((await counted('mail_possible_copies_total')) - possibleBefore).toBe(2);
    const { broken, findings } = await auditSystem(system);
    expect(broken).toEqual({});
    expect(findings.counts['mailCopies']).toBeGreaterThanOrEqual(2);
  });
});

describe('a mailbox that refuses for good', () => {
  it('ends the step as undeliverable after one attempt, and changes no money', async () => {
    await setFaults(system, [{ operation: 'smtp.send', fault: 'reject_5xx' }]);
    const [id = ''] = await placeMany('pm_card_visa', 1);
    await eventually(async () => expect(await stepsEnded(id)).toContain('send-confirmation ok'), WITHIN);
    expect(await attempts(id)).toEqual(['undeliverable']);
    expect(await statusOf(id)).toBe('confirmed');
    const { rows } = await database.query<{ status: string }>(
      `select confirmation->>'status' as status from correspondence where order_id = $1`,
      [id],
    );
    expect(rows).toEqual([{ status: 'undeliverable' }]);
    await setFaults(system, []);
    expect((await auditSystem(system)).broken).toEqual({});
  });
});

const AS_DEMO = { headers: { authorization: 'Bearer sk_demo' } } as const;

interface MailRow {
  readonly orderId: string;
  readonly template: string;
  readonly messageId: string;
}

const nameOf = ({ orderId, template }: MailRow): string => `${orderId} ${template}`;

function placeMany(method: string, count: number): Promise<readonly string[]> {
  return Promise.all(Array.from({ length: count }, () => place(method)));
}

async function place(method: string): Promise<string> {
  const order = await ask<{ id: string }>(system.order.url, '/orders', {
    method: 'POST',
    headers: { ...AS_DEMO.headers, 'content-type': 'application/json', 'idempotency-key': randomUUID() },
    body: JSON.stringify({
      customer: { email: 'ada@example.com' },
      items: [{ sku: 'mug', quantity: 1 }],
      payment: { method },
    }),
  });
  return order.id;
}

async function statusOf(id: string): Promise<string> {
  return (await ask<{ status: string }>(system.order.url, `/orders/${id}`, AS_DEMO)).status;
}

const untilAll = (ids: readonly string[], status: string) =>
  eventually(async () => expect(await Promise.all(ids.map(statusOf))).toEqual(ids.map(() => status)), WITHIN);

async function stepsEnded(id: string): Promise<readonly string[]> {
  const { data } = await ask<{ data: { event: string; step: string; outcome: string }[] }>(
    system.order.url,
    `/orders/${id}/timeline`,
    AS_DEMO,
  );
  return data.filter(({ event }) => event === 'replied').map(({ step, outcome }) => `${step} ${outcome}`);
}

/** What the send ledger says of an order's mails, oldest first. */
async function attempts(orderId: string): Promise<readonly (string | null)[]> {
  const { rows } = await database.query<{ outcome: string | null }>(
    'select outcome from mail_attempt where order_id = $1 order by started_at',
    [orderId],
  );
  return rows.map(({ outcome }) => outcome);
}

async function fewestTries(orderIds: readonly string[]): Promise<number> {
  const { rows } = await database.query<{ tries: number }>(
    `select count(t.id)::int as tries from unnest($1::uuid[]) as o(id)
       left join mail_attempt t on t.order_id = o.id
      group by o.id order by tries limit 1`,
    [orderIds],
  );
  return rows[0]?.tries ?? 0;
}

async function counted(metric: string): Promise<number> {
  const text = await (await fetch(`${system.notification.url}/metrics`)).text();
  return Number(new RegExp(`^${metric} (\\d+)$`, 'm').exec(text)?.[1]);
}

const mailbox = () => ask<MailRow[]>(system.sandbox.url, '/sandbox/mailbox?limit=1000');

async function ask<Body>(url: string, path: string, init: RequestInit = {}): Promise<Body> {
  const response = await fetch(url + path, init);
  const text = await response.text();
  expect(response.ok, `${path} answered ${response.status}: ${text}`).toBe(true);
  return JSON.parse(text) as Body;
}
