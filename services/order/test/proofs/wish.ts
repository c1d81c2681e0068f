import { setTimeout as pause } from 'node:timers/promises';
import type { SeededRandom } from '@once/testing';

/** One order as its customer wanted it, with every answer that came back for its key. */
export interface Wish {
  readonly key: string;
  readonly sku: string;
  readonly method: string;
  /** Bodies of the accepted answers; the same key must always get the same one. */
  readonly answers: string[];
}

/** A wish for one unit; one in four has a card that will be declined. */
export function makeWish(random: SeededRandom, key: string): Wish {
  const method = random.next() < 0.25 ? 'pm_card_chargeDeclined' : 'pm_card_visa';
  return { key, sku: random.pick(['mug', 'tee', 'print']), method, answers: [] };
}

/** Where orders are placed. */
export interface Orderable {
  readonly order: { readonly url: string };
}

/** How long a customer keeps asking: several times what a killed service needs to come back, also on a busy machine. */
const ASK_WITHIN_MS = 240_000;

/** Sends the order until an answer is definite; returns how many answers were lost on the way. */
export async function placeWish(system: Orderable, wish: Wish): Promise<number> {
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

async function send(system: Orderable, { key, sku, method }: Wish): Promise<string | null> {
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
