import { randomId } from './random-id.js';

export type IntentStatus =
  'requires_payment_method' | 'requires_confirmation' | 'requires_capture' | 'succeeded' | 'canceled';

export type CaptureMethod = 'automatic' | 'automatic_async' | 'manual';

export interface PaymentError {
  readonly code: string;
  readonly declineCode: string;
  readonly message: string;
  readonly paymentMethod: string;
}

/** What the provider knows about one payment. Stripe's object is drawn from it (stripe-objects.ts). */
export interface PaymentIntent {
  readonly id: string;
  readonly seq: number;
  /** From `metadata.order_id`; how everything here finds its way back to an order. */
  readonly orderId: string | null;
  readonly amount: number;
  readonly amountCapturable: number;
  readonly amountReceived: number;
  readonly amountRefunded: number;
  readonly currency: string;
  readonly captureMethod: CaptureMethod;
  readonly status: IntentStatus;
  readonly paymentMethod: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly description: string | null;
  readonly receiptEmail: string | null;
  readonly createdAtMs: number;
  readonly authorisedAtMs: number | null;
  readonly canceledAtMs: number | null;
  readonly cancellationReason: string | null;
  /** How often it was confirmed with a card; each try is a charge of its own. */
  readonly chargeAttempts: number;
  readonly lastPaymentError: PaymentError | null;
}

export interface IntentRequest {
  readonly amount: number;
  readonly currency: string;
  readonly captureMethod: CaptureMethod;
  readonly paymentMethod: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly description: string | null;
  readonly receiptEmail: string | null;
}

/** A new intent moves nothing: it waits for a card, or for its confirmation. */
export function newPaymentIntent(request: IntentRequest, seq: number, now: number): PaymentIntent {
  return {
    ...request,
    id: randomId('pi'),
    seq,
    orderId: request.metadata['order_id'] ?? null,
    amountCapturable: 0,
    amountReceived: 0,
    amountRefunded: 0,
    status: request.paymentMethod === null ? 'requires_payment_method' : 'requires_confirmation',
    createdAtMs: now,
    authorisedAtMs: null,
    canceledAtMs: null,
    cancellationReason: null,
    chargeAttempts: 0,
    lastPaymentError: null,
  };
}

/** The charge of the latest attempt; the id of its intent can be read back from it. */
export function chargeIdOf(intent: PaymentIntent): string | null {
  return intent.chargeAttempts === 0 ? null : `ch_${intent.id.slice(3)}${intent.chargeAttempts}`;
}

export function intentIdOfCharge(chargeId: string): string {
  return `pi_${chargeId.slice(3, 27)}`;
}
