import { setTimeout as pause } from 'node:timers/promises';
import {
  auditSystem,
  eventually,
  seededRandom,
  spawnSystem,
  type SeededRandom,
  type SpawnedSystem,
} from '@once/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { judge } from './judge.js';
import { makeWish, placeWish, type Wish } from './wish.js';

interface FaultCase {
  readonly fault: string;
  readonly operation: string;
  readonly delayMs?: number;
}

/** Every fault of the contract, wherever it can strike. */
const CASES: readonly FaultCase[] = [
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

/** Windows in seconds; here the saga's timer runs as it does in production, only faster. */
const SETTINGS = {
  IDEMPOTENCY_LEASE_MS: '4000',
  PROVIDER_TIMEOUT_MS: '1000',
  RETRY_BACKOFF_MAX_MS: '1000',
  OUTBOX_SWEEP_MS: '200',
  SAGA_STEP_TIMEOUT_MS: '2000',
  SAGA_GIVE_UP_MS: '60000',
} as const;

const SEED = Number(process.env['PROOF_SEEDS']?.split(',')[0] ?? '1');
const ORDERS = 30;
/** One call in three, so that most orders meet the fault and most of them more than once. */
const PROBABILITY = 0.35;

describe('the world outside at its worst', () => {
  const random = seededRandom(SEED);
  const wishes: Wish[] = [];
  let system: SpawnedSystem;

  beforeAll(async () => {
    system = await spawnSystem({ env: SETTINGS });
  });

  it.each(CASES)(
    'leaves every order as its ledger says: $fault on $operation',
    async ({ fault, operation, delayMs }) => {
      const rule = { operation, fault, probability: PROBABILITY, ...(delayMs === undefined ? {} : { delayMs }) };
      await setFaults(system, [rule]);
      const placed = Array.from({ length: ORDERS }, (_, index) => makeWish(random, `${fault}-${operation}-${index}`));
      wishes.push(...placed);
      await Promise.all(placed.map((wish) => placeAndPerhapsCancel(system, random, wish)));
      await setFaults(system, []);
      await untilLedgerIsQuiet(system);

      expect(
        await judge(system, wishes, { isMailLost: wishes.some(({ key }) => key.startsWith('reject_5xx')) }),
      ).toEqual([]);
      expect(await struck(system, { fault, operation })).toBeGreaterThan(0);
    },
  );

  it('leaves nothing that the audit finds', async () => {
    expect((await auditSystem(system)).broken).toEqual({});
  });
});

/** One customer in four changes their mind, at any moment of the order's first two seconds. */
async function placeAndPerhapsCancel(system: SpawnedSystem, random: SeededRandom, wish: Wish): Promise<void> {
  const cancelAfterMs = random.next() < 0.25 ? random.integer(0, 2_000) : null;
  await placeWish(system, wish);
  if (cancelAfterMs === null) return;
  await pause(cancelAfterMs);
  const { id } = JSON.parse(wish.answers[0] ?? '{}') as { id: string };
  const response = await fetch(`${system.order.url}/orders/${id}/cancel`, {
    method: 'POST',
    headers: { authorization: 'Bearer sk_demo' },
  });
  expect([200, 202]).toContain(response.status);
}

async function setFaults(system: SpawnedSystem, rules: readonly object[]): Promise<void> {
  const response = await fetch(`${system.sandbox.url}/sandbox/faults`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ seed: SEED, rules }),
  });
  expect(response.status, await response.text()).toBe(200);
}

/** Late calls still land after the fault is gone. */
async function untilLedgerIsQuiet(system: SpawnedSystem): Promise<void> {
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
async function struck(system: SpawnedSystem, { fault, operation }: FaultCase): Promise<number> {
  const records = operation === '*' ? 'calls' : 'deliveries';
  const rows = (await (await fetch(`${system.sandbox.url}/sandbox/${records}?limit=100000`)).json()) as {
    fault: string | null;
  }[];
  return rows.filter((row) => row.fault === fault).length;
}
