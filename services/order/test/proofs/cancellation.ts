import { setTimeout as pause } from 'node:timers/promises';
import type { SpawnedService } from '@once/testing';
import type { Wish } from './wish.js';

/** The order that a wish became. */
export function orderIdOf({ key, answers: [answer] }: Wish): string {
  if (answer === undefined) throw new Error(`${key} has no answer yet`);
  return (JSON.parse(answer) as { id: string }).id;
}

export interface CancelAnswer {
  readonly status: number;
  readonly body: string;
  readonly isReplay: boolean;
}

/** A twin that is under way is answered 409 after a second; its key is then asked again. */
const ASK_TIMES_MAX = 10;

/** Asks a replica of the order service for the cancellation, under a key or without one. */
export async function cancelOrder(replica: SpawnedService, orderId: string, key?: string): Promise<CancelAnswer> {
  for (let times = 0; times < ASK_TIMES_MAX; times += 1) {
    const response = await fetch(`${replica.url}/orders/${orderId}/cancel`, {
      method: 'POST',
      headers: { authorization: 'Bearer sk_demo', ...(key === undefined ? {} : { 'idempotency-key': key }) },
    });
    const body = await response.text();
    const isReplay = response.headers.get('idempotent-replayed') === 'true';
    if (response.status !== 409) return { status: response.status, body, isReplay };
    await pause(100);
  }
  throw new Error(`the cancellation of ${orderId} under ${key} stays in progress`);
}
