import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { eventually, spawnSystem, type SpawnedSystem } from '@once/testing';
import { beforeAll, describe, expect, it } from 'vitest';

/** A pause of half a second instead of thirty: six seconds are here what six minutes are in production, twelve tries each. */
const SETTINGS = {
  IDEMPOTENCY_LEASE_MS: '4000',
  PROVIDER_TIMEOUT_MS: '1000',
  RETRY_BACKOFF_MAX_MS: '500',
  OUTBOX_SWEEP_MS: '200',
  SAGA_STEP_TIMEOUT_MS: '1000',
} as const;
const DOWN_MS = 6_000;
const ORDERS = 20;
const WITHIN = { withinMs: 60_000, everyMs: 200 } as const;

let system: SpawnedSystem;
beforeAll(async () => {
  system = await spawnSystem({ env: SETTINGS });
});

describe('a mailbox that is down for long', () => {
  it('delays every mail, loses none, and holds up no order', async () => {
    await setFaults([{ operation: 'smtp.send', fault: 'down' }]);
    const ids = await Promise.all(Array.from({ length: ORDERS }, () => place()));
    await eventually(
      async () => expect(await Promise.all(ids.map(statusOf))).toEqual(ids.map(() => 'confirmed')),
      WITHIN,
    );
    await pause(DOWN_MS);
    expect(await mailbox()).toEqual([]);

    await setFaults([]);
    const mails = await eventually(async () => {
      const found = await mailbox();
      expect(new Set(found.map(({ orderId }) => orderId))).toEqual(new Set(ids));
      return found;
    }, WITHIN);
    expect(new Set(mails.map(({ messageId }) => messageId)).size).toBe(ORDERS);
    expect(mails).toHaveLength(ORDERS);
  });
});

async function place(): Promise<string> {
  const order = await ask<{ id: string }>(system.order.url, '/orders', {
    method: 'POST',
    headers: { authorization: 'Bearer sk_demo', 'content-type': 'application/json', 'idempotency-key': randomUUID() },
    body: JSON.stringify({
      customer: { email: 'ada@example.com' },
      items: [{ sku: 'mug', quantity: 1 }],
      payment: { method: 'pm_card_visa' },
    }),
  });
  return order.id;
}

async function statusOf(id: string): Promise<string> {
  const headers = { authorization: 'Bearer sk_demo' };
  return (await ask<{ status: string }>(system.order.url, `/orders/${id}`, { headers })).status;
}

const mailbox = () => ask<{ orderId: string; messageId: string }[]>(system.sandbox.url, '/sandbox/mailbox');

const setFaults = (rules: readonly object[]) =>
  ask(system.sandbox.url, '/sandbox/faults', {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ seed: 1, rules }),
  });

async function ask<Body>(url: string, path: string, init: RequestInit = {}): Promise<Body> {
  const response = await fetch(url + path, init);
  const text = await response.text();
  expect(response.ok, `${path} answered ${response.status}: ${text}`).toBe(true);
  return JSON.parse(text) as Body;
}
