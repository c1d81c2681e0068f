import { setTimeout as pause } from 'node:timers/promises';
import { eventually, spawnSystem, type SeededRandom, type SpawnedService, type SpawnedSystem } from '@once/testing';
import { expect } from 'vitest';
import { placeWish, type Wish } from './wish.js';

export interface FaultCase {
  readonly fault: string;
  readonly operation: string;
  readonly delayMs?: number;
  /** Of the calls that no rule before it has struck; default: one in three. */
  readonly probability?: number;
}

/** Every fault of the contract, wherever it can strike. */
export const CASES: readonly FaultCase[] = [
  { fault: 'apply_then_timeout', operation: '*' },
  { fault: 'timeout_without_applying', operation: '*' },
  { fault: 'apply_then_500', operation: '*' },
  { fault: '500_without_applying', operation: '*' },
  { fault: 'apply_then_reset', operation: '*' },
  { fault: 'garbage_200', operation: '*' },
  { fault: 'slow', operation: '*', delayMs: 300 },
  { fault: 'late_apply', operation: '*', delayMs: 1_500 },
  { fault: 'conflict_409', operation: '*' },
  { fault: 'rate_limit_429', operation: '*' },
  { fault: 'forget_keys', operation: '*' },
  { fault: 'ignore_keys', operation: '*' },
  { fault: 'wrong_amount', operation: '*' },
  { fault: 'down', operation: '*' },
  { fault: 'duplicate', operation: 'webhooks.deliver' },
  { fault: 'reorder', operation: 'webhooks.deliver' },
  { fault: 'drop', operation: 'webhooks.deliver' },
  { fault: 'forge', operation: 'webhooks.deliver' },
  { fault: 'accept_then_timeout', operation: 'smtp.send', delayMs: 3_000 },
  { fault: 'reject_4xx', operation: 'smtp.send' },
  { fault: 'reject_5xx', operation: 'smtp.send' },
];

/** A provider whose keys mean nothing at any call, and whose answers are lost or late on top of that. */
export const WITHOUT_KEYS: readonly (readonly FaultCase[])[] = ['ignore_keys', 'forget_keys'].flatMap((habit) =>
  CASES.filter(({ fault }) => ['late_apply', 'apply_then_timeout', 'apply_then_reset'].includes(fault)).map(
    (answer) => [answer, { fault: habit, operation: '*', probability: 1 }],
  ),
);

/** Windows in seconds; here the saga's timer runs as it does in production, only faster. */
const SETTINGS = {
  IDEMPOTENCY_LEASE_MS: '4000',
  PROVIDER_TIMEOUT_MS: '2000',
  RETRY_BACKOFF_MAX_MS: '1000',
  OUTBOX_SWEEP_MS: '200',
  SAGA_STEP_TIMEOUT_MS: '2000',
  SAGA_GIVE_UP_MS: '60000',
} as const;

/** `PROOF_SEEDS=7 npm run proofs -- faults` runs another. */
export const SEED = Number(process.env['PROOF_SEEDS']?.split(',')[0] ?? '1');
/** `PROOF_ORDERS=30` runs a slice. */
export const ORDERS = Number(process.env['PROOF_ORDERS'] ?? '200');
/** `PROOF_SLICE=2/3` runs the second of three parts: every third fault, and every third pair. */
const [SLICE = 1, SLICES = 1] = (process.env['PROOF_SLICE'] ?? '1/1').split('/').map(Number);
export const sliceOf = <Case>(cases: readonly Case[]): readonly Case[] =>
  cases.filter((_, index) => index % SLICES === SLICE - 1);
/** One call in three, so that most orders meet the fault and most of them more than once. */
const PROBABILITY = 0.35;
/** T_max: how long after the faults are gone an order may be open. Leases, pauses and timeouts above, several times over. */
const ENDS_WITHIN_MS = 30_000;

export interface TwofoldSystem extends SpawnedSystem {
  /** The second replicas of these; that of the order service is among `replicas`. */
  readonly seconds: { readonly [Service in 'payment' | 'notification']: SpawnedService };
}

/** The whole system with two replicas of each service. */
export async function spawnTwofoldSystem(): Promise<TwofoldSystem> {
  const system = await spawnSystem({ env: SETTINGS, orderReplicas: 2 });
  const [payment, notification] = await Promise.all([system.payment.replica(1), system.notification.replica(1)]);
  return { ...system, seconds: { payment, notification } };
}

export const ruleOf = ({ fault, operation, delayMs, probability = PROBABILITY }: FaultCase) => ({
  operation,
  fault,
  probability,
  ...(delayMs === undefined ? {} : { delayMs }),
});

/** One customer in four changes their mind, at any moment of the order's first two seconds, at whichever replica. */
export async function placeAndPerhapsCancel(system: SpawnedSystem, random: SeededRandom, wish: Wish): Promise<void> {
  const cancelAfterMs = random.next() < 0.25 ? random.integer(0, 2_000) : null;
  const [placedAt, cancelledAt] = [1, 2].map(() => random.pick([system.order, ...system.replicas]));
  await placeWish({ order: placedAt ?? system.order }, wish);
  if (cancelAfterMs === null) return;
  await pause(cancelAfterMs);
  const { id } = JSON.parse(wish.answers[0] ?? '{}') as { id: string };
  const response = await fetch(`${(cancelledAt ?? system.order).url}/orders/${id}/cancel`, {
    method: 'POST',
    headers: { authorization: 'Bearer sk_demo' },
  });
  expect([200, 202]).toContain(response.status);
}

/** Waits until no order is open, for as long as that may take after the faults are gone; returns how long it took. */
export async function untilOrdersEnd({ order }: SpawnedSystem): Promise<number> {
  const since = performance.now();
  await eventually(
    async () => {
      for (const status of ['pending', 'parked']) {
        const headers = { authorization: 'Bearer sk_demo' };
        const response = await fetch(`${order.url}/orders?status=${status}&limit=100`, { headers });
        const { data } = (await response.json()) as { data: readonly object[] };
        expect(data.length, `orders that are ${status}`).toBe(0);
      }
    },
    { withinMs: ENDS_WITHIN_MS, everyMs: 250 },
  );
  return performance.now() - since;
}

/** Late calls still land after the fault is gone. */
export async function untilLedgerIsQuiet(system: SpawnedSystem): Promise<void> {
  let known = -1;
  let since = performance.now();
  await eventually(
    async () => {
      const rows = (await (await fetch(`${system.sandbox.url}/sandbox/calls?limit=100000`)).json()) as object[];
      if (rows.length !== known) {
        known = rows.length;
        since = performance.now();
      }
      if (performance.now() - since < 2_500) throw new Error('calls are still coming in');
    },
    { withinMs: 60_000, everyMs: 250 },
  );
}

/** How often the sandbox says that it hurt somebody: a caller, or somebody it delivers to. */
export async function struck(system: SpawnedSystem, { fault, operation }: FaultCase): Promise<number> {
  const records = operation === '*' ? 'calls' : 'deliveries';
  const rows = (await (await fetch(`${system.sandbox.url}/sandbox/${records}?limit=100000`)).json()) as {
    fault: string | null;
  }[];
  return rows.filter((row) => row.fault === fault).length;
}
