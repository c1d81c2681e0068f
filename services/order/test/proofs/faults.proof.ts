import { setTimeout as pause } from 'node:timers/promises';
import { auditSystem, seededRandom, setFaults } from '@once/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  CASES,
  ORDERS,
  placeAndPerhapsCancel,
  ruleOf,
  SEED,
  sliceOf,
  spawnTwofoldSystem,
  struck,
  untilLedgerIsQuiet,
  untilOrdersEnd,
  WITHOUT_KEYS,
  type FaultCase,
  type TwofoldSystem,
} from './fault-world.js';
import { judge } from './judge.js';
import { makeWish, type Wish } from './wish.js';

/** Pairs out of all of them, another choice with every seed, beside those that keys mean nothing in. */
const PAIRS = Number(process.env['PROOF_PAIRS'] ?? '12');
/** Longer than a lease: another replica takes over, and then the first goes on with what it had in hand. */
const FROZEN_MS = 6_000;

describe('the world outside at its worst', () => {
  const random = seededRandom(SEED);
  const seeded = random
    .shuffle(CASES.flatMap((one, index) => CASES.slice(index + 1).map((other) => [one, other])))
    .slice(0, PAIRS);
  const pairs = [...WITHOUT_KEYS, ...seeded].map((faults) => ({
    name: faults.map(({ fault, operation }) => `${fault} on ${operation}`).join(', '),
    faults,
  }));
  const wishes: Wish[] = [];
  let system: TwofoldSystem;

  beforeAll(async () => {
    system = await spawnTwofoldSystem();
  });

  /** Places orders while the faults last, and returns what is wrong after they were taken away. */
  const suffer = async (faults: readonly FaultCase[], meanwhile: () => Promise<void>) => {
    await setFaults(system, faults.map(ruleOf), SEED);
    const name = faults.map(({ fault, operation }) => `${fault}-${operation}`).join('+');
    const placed = Array.from({ length: ORDERS }, (_, index) => makeWish(random, `${name}-${wishes.length + index}`));
    wishes.push(...placed);
    await Promise.all([meanwhile(), ...placed.map((wish) => placeAndPerhapsCancel(system, random, wish))]);
    await setFaults(system, []);
    const endedAfterMs = await untilOrdersEnd(system);
    process.stdout.write(`${name}: every order has ended ${Math.round(endedAfterMs)} ms after the faults\n`);
    await untilLedgerIsQuiet(system);
    return judge(system, wishes, { isMailLost: wishes.some(({ key }) => key.includes('reject_5xx')) });
  };

  it.each(sliceOf(CASES))('leaves every order as its ledger says: $fault on $operation', async (faultCase) => {
    expect(await suffer([faultCase], () => Promise.resolve())).toEqual([]);
    expect(await struck(system, faultCase)).toBeGreaterThan(0);
  });

  it.each(sliceOf(pairs))(
    'leaves every order as its ledger says while workers stop and go on: $name',
    async ({ faults }) => {
      const victim = random.pick([system.payment, system.seconds.payment]);
      const freeze = async () => {
        await pause(random.integer(0, 1_000));
        victim.freeze();
        await pause(FROZEN_MS);
        victim.thaw();
      };
      expect(await suffer(faults, freeze)).toEqual([]);
    },
  );

  it('leaves nothing that the audit finds, and no order that cost more calls than its budget', async () => {
    const { broken, findings } = await auditSystem(system);
    expect(broken).toEqual({});
    expect(findings.invariants).toContainEqual(
      expect.objectContaining({ name: 'calls-stay-within-the-budget', verdict: 'holds' }),
    );
  });
});
