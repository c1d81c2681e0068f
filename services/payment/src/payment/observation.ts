import { nextCall, type ProviderCall } from './next-call.js';
import type { IntentStatus, Payment, RefusalReason } from './payment.js';

/**
 * A fact learned from outside: the provider's answer to a call, a webhook, a look-up. Who learned it, and whether that
 * holder's lease is still live, does not matter.
 */
export type Observation =
  | { readonly kind: 'intent'; readonly intent: ObservedIntent }
  | { readonly kind: 'refunds'; readonly refundedAmount: number }
  /** What was taken, and what of it has gone back. */
  | { readonly kind: 'refunded'; readonly intent: ObservedIntent; readonly refundedAmount: number }
  /** The bank said no. */
  | { readonly kind: 'declined'; readonly intent: ObservedIntent | null }
  /** The provider said no to the request itself, definitely: there is no intent and there will be none. */
  | { readonly kind: 'rejected' }
  /** The provider may have stored a failure or a refusal under this call's key: the next try carries a new one. */
  | { readonly kind: 'stuck'; readonly call: ProviderCall; readonly generation: number }
  /** The provider answers, and its answers do not decide what was asked: the reason, as a code. */
  | { readonly kind: 'undecided'; readonly reason: string };

export interface ObservedIntent {
  readonly id: string;
  readonly status: IntentStatus;
  /** What the intent would take, has reserved or has taken, whichever its status says. */
  readonly amount: number;
  readonly currency: string;
  readonly capturedAmount: number;
}

/** How far an intent has come. An observation that arrives late never moves it back. */
const PROGRESS: { readonly [Status in IntentStatus]: number } = {
  requires_payment_method: 0,
  requires_confirmation: 0,
  requires_action: 1,
  processing: 1,
  requires_capture: 2,
  succeeded: 3,
  canceled: 3,
};

/** The payment after the fact is known. Monotone: repeated, late and reordered observations change nothing twice. */
export function observe(payment: Payment, observation: Observation): Payment {
  const known = learn(payment, observation);
  return known.undecided !== null && hasMoved(payment, known) ? { ...known, undecided: null } : known;
}

/** Something that decides was learned: what did not decide before may do so now. */
function hasMoved(before: Payment, after: Payment): boolean {
  return (['goal', 'intentId', 'intentStatus', 'capturedAmount', 'refundedAmount'] as const).some(
    (field) => before[field] !== after[field],
  );
}

function learn(payment: Payment, observation: Observation): Payment {
  switch (observation.kind) {
    case 'intent':
      return observeIntent(payment, observation.intent);
    case 'declined': {
      if (observation.intent === null) return returnBecause(payment, 'card_declined');
      const known = observeIntent(payment, observation.intent);
      return isAbout(known, observation.intent) ? returnBecause(known, 'card_declined') : known;
    }
    case 'rejected':
      return payment.intentId === null ? returnBecause(payment, 'payment_rejected') : payment;
    case 'refunds':
      return observeRefunds(payment, observation.refundedAmount);
    case 'refunded': {
      // It may come before the capture is known, of which it tells as well.
      const known = observeIntent(payment, observation.intent);
      return isAbout(known, observation.intent) ? observeRefunds(known, observation.refundedAmount) : known;
    }
    case 'stuck': {
      // A holder that was paused tells it late: the payment has moved on, and the keys of later calls hold no failure.
      const isCurrent = observation.call === nextCall(payment) && observation.generation === payment.generation;
      return isCurrent ? { ...payment, generation: payment.generation + 1 } : payment;
    }
    case 'undecided':
      return payment.requests.every(({ isAnswered }) => isAnswered)
        ? payment
        : { ...payment, undecided: observation.reason };
  }
}

function observeIntent(payment: Payment, intent: ObservedIntent): Payment {
  // The first intent recorded stays. Another one is a stray of a repeated creation: unconfirmed, it moves nothing.
  if (payment.intentId !== null && !isAbout(payment, intent)) return payment;

  const isNews = payment.intentStatus === null || PROGRESS[intent.status] > PROGRESS[payment.intentStatus];
  const known: Payment = {
    ...payment,
    intentId: intent.id,
    intentStatus: isNews ? intent.status : payment.intentStatus,
    capturedAmount: Math.max(payment.capturedAmount, intent.capturedAmount),
  };
  if (!matches(known, intent)) return returnBecause(known, 'amount_mismatch');
  // Nobody asked for the cancellation, so the authorisation ran out at the provider.
  if (known.intentStatus === 'canceled') return returnBecause(known, 'authorisation_expired');
  return known;
}

function observeRefunds(payment: Payment, refundedAmount: number): Payment {
  return { ...payment, refundedAmount: Math.max(payment.refundedAmount, refundedAmount) };
}

const isAbout = (payment: Payment, { id }: ObservedIntent): boolean => payment.intentId === id;

function matches(payment: Payment, intent: ObservedIntent): boolean {
  if (payment.charge === null) return true;
  return payment.charge.amount === intent.amount && payment.charge.currency === intent.currency;
}

function returnBecause(payment: Payment, reason: RefusalReason): Payment {
  return payment.goal === 'return' ? payment : { ...payment, goal: 'return', reason };
}
