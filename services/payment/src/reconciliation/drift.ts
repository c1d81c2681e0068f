import type { ObservedIntent } from '../payment/observation.js';
import type { Payment } from '../payment/payment.js';

/** An intent as the provider lists it. */
export interface ListedIntent {
  /** What its metadata say; null when they name no order. */
  readonly orderId: string | null;
  readonly intent: ObservedIntent;
  readonly refundedAmount: number;
  readonly createdAt: Date;
}

/**
 * How our books and the provider's differ about one intent:
 *
 *   missing   we recorded an intent that the provider does not have
 *   orphan    the provider holds or has taken money that no payment of ours knows of
 *   amount    both know it, and differ in what was taken, given back, or is to be taken
 *   state     both know it and agree about the money, and differ in how far it has come
 */
export const DRIFT_KINDS = ['missing', 'orphan', 'amount', 'state'] as const;
export type DriftKind = (typeof DRIFT_KINDS)[number];

export interface Drift {
  readonly kind: DriftKind;
  readonly orderId: string | null;
  readonly intentId: string;
  /** What each side says, in words for an operator. */
  readonly ours: string;
  readonly theirs: string;
  /** What the customer may be short of, in minor units. */
  readonly atStake: number;
  readonly currency: string;
  /** When the intent was created, or where the provider does not show it, our payment. */
  readonly createdAt: Date;
}

/** Compares one listed intent with the payment of its order; null when they agree, or when nothing hangs on it. */
export function driftOf(payment: Payment | null, listed: ListedIntent): Drift | null {
  const { intent, orderId, createdAt } = listed;
  const found = { orderId, intentId: intent.id, theirs: theirWords(listed), currency: intent.currency, createdAt };
  if (payment === null || payment.intentId !== intent.id) {
    // A stray of a repeated creation is unconfirmed and expires at the provider; only one that holds money is news.
    const atStake = heldBy(listed);
    const ours = payment === null ? 'no payment' : `intent ${payment.intentId ?? 'none'}`;
    return atStake === 0 ? null : { ...found, kind: 'orphan', ours, atStake };
  }
  const differs = { ...found, ours: ourWords(payment) };
  if (isAmountOther(payment, listed)) {
    return { ...differs, kind: 'amount', atStake: Math.abs(heldBy(listed) - takenOf(payment)) };
  }
  if (payment.intentStatus !== intent.status) return { ...differs, kind: 'state', atStake: heldBy(listed) };
  return null;
}

/** The provider does not show an intent that we recorded. */
export function missingDrift(payment: Payment, intentId: string, createdAt: Date): Drift {
  return {
    kind: 'missing',
    orderId: payment.orderId,
    intentId,
    ours: ourWords(payment),
    theirs: 'no such intent',
    atStake: takenOf(payment),
    currency: payment.charge?.currency ?? '',
    createdAt,
  };
}

function isAmountOther(payment: Payment, { intent, refundedAmount }: ListedIntent): boolean {
  if (payment.capturedAmount !== intent.capturedAmount || payment.refundedAmount !== refundedAmount) return true;
  // What is on its way back may be any amount; that is why it goes back.
  if (payment.charge === null || payment.goal === 'return') return false;
  return payment.charge.amount !== intent.amount || payment.charge.currency !== intent.currency;
}

const takenOf = ({ capturedAmount, refundedAmount }: Payment): number => capturedAmount - refundedAmount;

function heldBy({ intent, refundedAmount }: ListedIntent): number {
  if (intent.status === 'requires_capture') return intent.amount;
  return intent.capturedAmount - refundedAmount;
}

const ourWords = ({ intentStatus, capturedAmount, refundedAmount }: Payment): string =>
  `${intentStatus ?? 'unknown'}, captured ${capturedAmount}, refunded ${refundedAmount}`;

const theirWords = ({ intent, refundedAmount }: ListedIntent): string =>
  `${intent.status}, amount ${intent.amount} ${intent.currency}, captured ${intent.capturedAmount}, refunded ${refundedAmount}`;
