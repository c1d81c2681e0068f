import type { Operation, PaymentSnapshot } from '@once/contracts';
import type { Traced } from '@once/service-kit';

/**
 * The money of one order, driven to its goal.
 *
 * `collect` wants the amount captured; `return` wants nothing taken and nothing reserved. The goal only ever moves to
 * `return`: void, refund, cancellation, a declined card and an amount that does not match all set it. A row whose goal is
 * `return` before any action came is the tombstone that refuses the late action.
 */
export interface Payment {
  readonly orderId: string;
  readonly goal: 'collect' | 'return';
  /** Why the goal is `return` although nobody asked: what the action's refusal says. */
  readonly reason: RefusalReason | null;
  /** What to collect; null in a tombstone, which never learns it. */
  readonly charge: Charge | null;
  /** The provider's object that every later call names; the first one recorded stays. */
  readonly intentId: string | null;
  readonly intentStatus: IntentStatus | null;
  readonly capturedAmount: number;
  readonly refundedAmount: number;
  /** Part of each provider key; grows when the provider has stored a failure under the last one. */
  readonly generation: number;
  /** Why the provider's answers do not decide what was asked; told to whoever asked, and null as soon as they do. */
  readonly undecided: string | null;
  /** Everything that was asked of this payment, in order. */
  readonly requests: readonly PaymentRequest[];
  /** Counts the committed changes; 0 is a row that is not stored yet. */
  readonly version: number;
}

export interface Charge {
  readonly amount: number;
  readonly currency: string;
  readonly method: string;
}

export type RequestKind = 'authorise' | 'capture' | 'return';

/**
 * One operation of a saga that asks for something; it is answered exactly once. Its answer belongs to the trace in which it
 * was asked, whatever it was that decided it.
 */
export interface PaymentRequest extends Traced {
  readonly kind: RequestKind;
  readonly operation: Operation;
  readonly isAnswered: boolean;
}

export type RefusalReason = 'card_declined' | 'payment_rejected' | 'amount_mismatch' | 'authorisation_expired';

/** The states of a Stripe PaymentIntent with manual capture; one that we do not know is taken for `processing`. */
export const INTENT_STATUSES = [
  'requires_payment_method',
  'requires_confirmation',
  'requires_action',
  'processing',
  'requires_capture',
  'succeeded',
  'canceled',
] as const;
export type IntentStatus = (typeof INTENT_STATUSES)[number];

export function newPayment(orderId: string): Payment {
  return {
    orderId,
    goal: 'collect',
    reason: null,
    charge: null,
    intentId: null,
    intentStatus: null,
    capturedAmount: 0,
    refundedAmount: 0,
    generation: 1,
    undecided: null,
    requests: [],
    version: 0,
  };
}

export function isRequested(payment: Payment, kind: RequestKind): boolean {
  return payment.requests.some((request) => request.kind === kind);
}

export function snapshotOf(payment: Payment): PaymentSnapshot {
  return {
    status: statusOf(payment),
    capturedAmount: payment.capturedAmount,
    refundedAmount: payment.refundedAmount,
  };
}

function statusOf(payment: Payment): PaymentSnapshot['status'] {
  if (payment.capturedAmount > 0) {
    return payment.refundedAmount >= payment.capturedAmount ? 'refunded' : 'captured';
  }
  if (payment.goal === 'return' && isReturned(payment)) {
    return payment.reason === 'card_declined' ? 'declined' : 'voided';
  }
  if (payment.intentStatus === 'requires_capture') return 'authorised';
  return payment.undecided === null ? 'pending' : 'unknown';
}

/** Nothing is taken, nothing is reserved, and no call that is still under way can change that. */
export function isReturned(payment: Payment): boolean {
  if (payment.goal !== 'return') return false;
  // Money moves only in calls that name a recorded intent; without one, none was ever sent.
  if (payment.intentId === null || payment.intentStatus === 'canceled') return true;
  return payment.intentStatus === 'succeeded' && payment.refundedAmount >= payment.capturedAmount;
}
