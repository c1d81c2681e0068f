import type { EventRow } from '../ledger/journal-entry.js';
import type { PaymentIntent } from './payment-intent.js';
import type { EventType } from './payment-intent.transitions.js';
import { randomId } from './random-id.js';
import { drawCharge, drawIntent } from './stripe-objects.js';

/** The API version of the objects drawn here: that of the pinned `stripe` SDK. */
export const API_VERSION = '2026-10-28.endive';

export interface EventCause {
  readonly seq: number;
  readonly now: number;
  readonly requestId: string | null;
  readonly idempotencyKey: string | null;
}

/** What the provider tells about an intent that has just changed. */
export function newEvent(
  type: EventType,
  intent: PaymentIntent,
  { seq, now, requestId, idempotencyKey }: EventCause,
): EventRow {
  const id = randomId('evt');
  return {
    id,
    seq,
    created_at: new Date(now).toISOString(),
    order_id: intent.orderId,
    type,
    document: {
      id,
      object: 'event',
      api_version: API_VERSION,
      created: Math.floor(now / 1_000),
      data: { object: type === 'charge.refunded' ? drawCharge(intent) : drawIntent(intent) },
      livemode: false,
      pending_webhooks: 1,
      request: { id: requestId, idempotency_key: idempotencyKey },
      type,
    },
  };
}
