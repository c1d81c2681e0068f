import type { EventRow } from '../ledger/journal-entry.js';
import { randomId } from '../payment-provider/random-id.js';
import { signatureOf } from './signature.js';

export interface Forgery {
  readonly body: string;
  readonly signature: string;
}

/** Older than the five minutes that receivers tolerate. */
const STALE_MS = 600_000;

/**
 * What somebody who does not have the secret could send. Each must be refused, and none may have an effect.
 *
 * In turn: an event of his own under a secret of his own; a real signature over bytes he has changed; a real event with its
 * real signature, replayed ten minutes late.
 */
export function forge(event: Pick<EventRow, 'document' | 'type'>, secret: string, now: number, nth: number): Forgery {
  const real = JSON.stringify(event.document);
  switch (nth % 3) {
    case 1: {
      const body = JSON.stringify({ ...Object(event.document), id: randomId('evt'), type: 'payment_intent.succeeded' });
      return { body, signature: signatureOf(body, 'whsec_somebody_else', now) };
    }
    case 2:
      return { body: `${real} `, signature: signatureOf(real, secret, now) };
    default:
      return { body: real, signature: signatureOf(real, secret, now - STALE_MS) };
  }
}
