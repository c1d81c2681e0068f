import { setTimeout as pause } from 'node:timers/promises';
import type { SeededRandom, SpawnedService, SpawnedSystem } from '@once/testing';
import { makeWish, placeWish, type Wish } from './wish.js';

export interface KillPlan {
  readonly orders: number;
  /** For each of order, payment and notification. */
  readonly killsPerService: number;
}

export interface KillReport {
  readonly wishes: readonly Wish[];
  readonly kills: number;
  /** Requests whose answer was lost, and which were therefore sent again. */
  readonly unknown: number;
}

/** An order is on its way through all services for about this long, so that each kill meets work in flight. */
const KILL_WITHIN_MS = 350;

/** A request is answered within some tens of milliseconds: killed that early, the order service leaves some unanswered. */
const KILL_ORDER_WITHIN_MS = 30;

/**
 * Places orders in bursts and kills a service a random moment into each, until every service was killed often enough.
 * Every order is sent twice at the same time, and again until an answer is definite, always with its one key.
 */
export async function placeUnderKills(
  system: SpawnedSystem,
  random: SeededRandom,
  { orders, killsPerService }: KillPlan,
): Promise<KillReport> {
  const victims = random.shuffle(
    [system.order, system.payment, system.notification].flatMap((service) =>
      Array<SpawnedService>(killsPerService).fill(service),
    ),
  );
  const wishes = Array.from({ length: orders }, (_, index) => makeWish(random, `wish-${index}`));
  const perBurst = Math.ceil(orders / victims.length);
  let unknown = 0;
  for (const [index, victim] of victims.entries()) {
    const burst = wishes.slice(index * perBurst, (index + 1) * perBurst);
    const placed = burst.flatMap((wish) => [placeWish(system, wish), placeWish(system, wish)]);
    await pause(random.integer(0, victim === system.order ? KILL_ORDER_WITHIN_MS : KILL_WITHIN_MS));
    await victim.kill();
    await victim.start();
    unknown += (await Promise.all(placed)).reduce((sum, lost) => sum + lost, 0);
  }
  return { wishes, kills: victims.length, unknown };
}
