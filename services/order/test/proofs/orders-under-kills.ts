import { setTimeout as pause } from 'node:timers/promises';
import type { SeededRandom, SpawnedService, SpawnedSystem } from '@once/testing';

export interface KillPlan {
  readonly orders: number;
  /** For each of order, payment and notification. */
  readonly killsPerService: number;
}

/** One order as its customer wanted it, with every answer that came back for its key. */
export interface Wish {
  readonly key: string;
  readonly sku: string;
  readonly method: string;
  /** Bodies of the accepted answers; the same key must always get the same one. */
  readonly answers: string[];
}

export interface KillReport {
  readonly wishes: readonly Wish[];
  readonly kills: number;
  /** Requests whose answer was lost, and which were therefore sent again. */
  readonly unknown: number;
}

/** How many orders are sent between two kills, so that each kill meets work in flight. */
const KILL_WITHIN_MS = 350;

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
  const wishes = Array.from({ length: orders }, (_, index) => wishOf(random, index));
  const perBurst = Math.ceil(orders / victims.length);
  let unknown = 0;
  for (const [index, victim] of victims.entries()) {
    const burst = wishes.slice(index * perBurst, (index + 1) * perBurst);
    const placed = burst.flatMap((wish) => [place(system, wish), place(system, wish)]);
    await pause(random.integer(0, KILL_WITHIN_MS));
    await victim.kill();
    await victim.start();
    unknown += (await Promise.all(placed)).reduce((sum, lost) => sum + lost, 0);
  }
  return { wishes, kills: victims.length, unknown };
}

function wishOf(random: SeededRandom, index: number): Wish {
  const method = random.next() < 0.25 ? 'pm_card_chargeDeclined' : 'pm_card_visa';
  return { key: `wish-${index}`, sku: random.pick(['mug', 'tee', 'print']), method, answers: [] };
}

/** How long a customer keeps asking: several times what a killed service needs to come back. */
const ASK_WITHIN_MS = 60_000;

/** Sends the order until an answer is definite; returns how many answers were lost on the way. */
async function place(system: SpawnedSystem, wish: Wish): Promise<number> {
  const deadline = performance.now() + ASK_WITHIN_MS;
  for (let lost = 0; performance.now() < deadline; lost += 1) {
    const answer = await send(system, wish);
    if (answer !== null) {
      wish.answers.push(answer);
      return lost;
    }
    await pause(100);
  }
  throw new Error(`no definite answer for ${wish.key} within ${ASK_WITHIN_MS} ms`);
}

async function send(system: SpawnedSystem, { key, sku, method }: Wish): Promise<string | null> {
  try {
    const response = await fetch(`${system.order.url}/orders`, {
      method: 'POST',
      headers: { authorization: 'Bearer sk_demo', 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify({
        customer: { email: 'ada@example.com' },
        items: [{ sku, quantity: 1 }],
        payment: { method },
      }),
    });
    const body = await response.text();
    if (response.status === 202) return body;
    if (response.status === 409 || response.status >= 500) return null;
    throw new RefusedError(`POST /orders answered ${response.status}: ${body}`);
  } catch (error) {
    if (error instanceof RefusedError) throw error;
    return null;
  }
}

class RefusedError extends Error {}
