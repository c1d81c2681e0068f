import { setTimeout as pause } from 'node:timers/promises';
import { auditSystem, seededRandom, spawnSystem } from '@once/testing';
import { describe, expect, it } from 'vitest';
import type { OrderBody } from '../order-api.js';
import { orderIdOf } from './cancellation.js';
import { judge } from './judge.js';
import { JUDGED, PROOF_SETTINGS } from './proof-settings.js';
import { placeWish, type Wish } from './wish.js';

/** `PROOF_SEEDS=7,8 npm run proofs -- last-units` runs others. */
const SEEDS = (process.env['PROOF_SEEDS'] ?? '1,2').split(',').map(Number);
const UNITS = 10;
const ORDERS = 100;
const DECLINED_SHARE = 0.3;

/** The orders come in bursts, so that they race, and over this long: units that a declined card gives back are wanted again. */
const BURSTS = 8;
const WITHIN_MS = 8_000;

describe('the last ten units, wanted by a hundred orders of which three in ten have no money', () => {
  it.each(SEEDS)('are sold once each while order and payment are killed (seed %i)', async (seed) => {
    const random = seededRandom(seed);
    const system = await spawnSystem({ env: PROOF_SETTINGS, ...JUDGED });
    const wishes = Array.from({ length: ORDERS }, (_, index): Wish => {
      const isDeclined = index % UNITS < DECLINED_SHARE * UNITS;
      return {
        key: `last-${index}`,
        sku: 'limited',
        method: isDeclined ? 'pm_card_chargeDeclined' : 'pm_card_visa',
        answers: [],
      };
    });
    const placed = random.shuffle(wishes).map(async (wish) => {
      await pause(random.integer(0, BURSTS) * (WITHIN_MS / BURSTS));
      await placeWish(system, wish);
    });
    const killed = random.shuffle([system.order, system.payment]).map(async (victim, index) => {
      await pause(random.integer((index * WITHIN_MS) / 2, ((index + 1) * WITHIN_MS) / 2));
      await victim.restart('SIGKILL');
    });
    await Promise.all([...placed, ...killed]);

    expect(await judge(system, wishes)).toEqual([]);
    expect((await auditSystem(system, { args: ['--stock', `limited=${UNITS}`] })).broken).toEqual({});
    const orders = await Promise.all(wishes.map((wish) => read(system.order.url, orderIdOf(wish))));
    const ends = countEnds(orders);
    process.stdout.write(`${JSON.stringify(ends)}\n`);
    // All of them, unless one came back when nobody wanted it any more.
    expect(ends['confirmed']).toBeGreaterThan(UNITS / 2);
    expect(ends['card_declined']).toBeGreaterThan(0);
    expect(ends['out_of_stock']).toBeGreaterThan(0);
  });
});

async function read(base: string, id: string): Promise<OrderBody> {
  const response = await fetch(`${base}/orders/${id}`, { headers: { authorization: 'Bearer sk_demo' } });
  return (await response.json()) as OrderBody;
}

function countEnds(orders: readonly OrderBody[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status, reason = status } of orders) counts[reason] = (counts[reason] ?? 0) + 1;
  return counts;
}
