import type { Movement } from '../ledger/journal-entry.js';
import { chargeIdOf, type PaymentIntent } from './payment-intent.js';
import { drawIntent, drawPaymentMethod } from './stripe-objects.js';
import { invalidRequest, noSuch, unexpectedState, type StripeError } from './stripe-error.js';
import { findTestCard, type Refusal } from './test-cards.js';

/**
 * What an intent may do, and nothing else. Pure: the same intent and the same request give the same result.
 *
 *     requires_payment_method ──confirm with a card──┐
 *     requires_confirmation ──confirm──┬─ declined ──┴→ requires_payment_method
 *                                      ├─ manual ─────→ requires_capture ──capture──→ succeeded
 *                                      └─ automatic ──→ succeeded
 *     requires_* ──cancel, or an authorisation that expired──→ canceled
 *     succeeded ──refund, up to what was captured──→ succeeded
 *
 * The state itself refuses a second confirm, capture or cancel, and a refund beyond the capture. That holds whatever
 * became of idempotency keys, and is what callers without a usable key rely on.
 */
export type Transition =
  | {
      readonly kind: 'moved';
      readonly intent: PaymentIntent;
      readonly movements: readonly Money[];
      readonly events: readonly EventType[];
    }
  | {
      readonly kind: 'declined';
      readonly intent: PaymentIntent;
      readonly events: readonly EventType[];
      readonly error: StripeError;
    }
  | { readonly kind: 'refused'; readonly error: StripeError };

export interface Money {
  readonly kind: Movement;
  readonly amount: number;
}

export type EventType =
  | 'payment_intent.amount_capturable_updated'
  | 'payment_intent.succeeded'
  | 'payment_intent.payment_failed'
  | 'payment_intent.canceled'
  | 'charge.refunded';

export interface Confirmation {
  /** A card given with the call; null: the one the intent has. */
  readonly paymentMethod: string | null;
  /** What is authorised; the intent's amount, unless the provider makes a mistake. */
  readonly amount: number;
  readonly now: number;
}

export function confirmIntent(intent: PaymentIntent, { paymentMethod, amount, now }: Confirmation): Transition {
  if (intent.status !== 'requires_confirmation' && intent.status !== 'requires_payment_method') {
    return refuse(intent, 'confirm');
  }
  const card = paymentMethod ?? intent.paymentMethod;
  if (card === null) {
    return {
      kind: 'refused',
      error: unexpectedState('This PaymentIntent has no payment method to confirm it with.', drawIntent(intent)),
    };
  }
  const behaviour = findTestCard(card);
  if (behaviour === undefined) return { kind: 'refused', error: noSuch('PaymentMethod', card, 'payment_method') };

  const charged = { ...intent, paymentMethod: card, chargeAttempts: intent.chargeAttempts + 1 };
  if (behaviour.kind === 'declines') return decline(charged, card, behaviour.refusal);
  const authorised: PaymentIntent = { ...charged, authorisedAtMs: now, lastPaymentError: null };
  if (intent.captureMethod !== 'manual') {
    return {
      kind: 'moved',
      intent: { ...authorised, status: 'succeeded', amountReceived: amount },
      movements: [
        { kind: 'authorise', amount },
        { kind: 'capture', amount },
      ],
      events: ['payment_intent.succeeded'],
    };
  }
  return {
    kind: 'moved',
    intent: { ...authorised, status: 'requires_capture', amountCapturable: amount },
    movements: [{ kind: 'authorise', amount }],
    events: ['payment_intent.amount_capturable_updated'],
  };
}

function decline(intent: PaymentIntent, card: string, refusal: Refusal): Transition {
  const declined: PaymentIntent = {
    ...intent,
    status: 'requires_payment_method',
    paymentMethod: null,
    lastPaymentError: { ...refusal, paymentMethod: card },
  };
  const error = {
    type: 'card_error',
    code: refusal.code,
    decline_code: refusal.declineCode,
    message: refusal.message,
    charge: chargeIdOf(declined),
    payment_intent: drawIntent(declined),
    payment_method: drawPaymentMethod(card),
  };
  return {
    kind: 'declined',
    intent: declined,
    events: ['payment_intent.payment_failed'],
    error: { status: 402, error },
  };
}

/** Captures once; what was authorised beyond `amount` is given back, as Stripe does. */
export function captureIntent(intent: PaymentIntent, amount: number): Transition {
  if (intent.status !== 'requires_capture') return refuse(intent, 'capture');
  if (amount > intent.amountCapturable) {
    const message = `The amount to capture (${amount}) is greater than the capturable amount (${intent.amountCapturable}).`;
    return {
      kind: 'refused',
      error: invalidRequest(message, { code: 'amount_too_large', param: 'amount_to_capture' }),
    };
  }
  return {
    kind: 'moved',
    intent: { ...intent, status: 'succeeded', amountCapturable: 0, amountReceived: amount },
    movements: [{ kind: 'capture', amount }],
    events: ['payment_intent.succeeded'],
  };
}

/** Cancels what has not captured; an authorisation is voided. */
export function cancelIntent(intent: PaymentIntent, reason: string | null, now: number): Transition {
  if (intent.status === 'succeeded' || intent.status === 'canceled') return refuse(intent, 'cancel');
  const { amountCapturable } = intent;
  return {
    kind: 'moved',
    intent: { ...intent, status: 'canceled', amountCapturable: 0, canceledAtMs: now, cancellationReason: reason },
    movements: amountCapturable > 0 ? [{ kind: 'void', amount: amountCapturable }] : [],
    events: ['payment_intent.canceled'],
  };
}

/** Gives back up to what was captured and not given back yet. */
export function refundIntent(intent: PaymentIntent, amount: number): Transition {
  if (intent.status !== 'succeeded') {
    return {
      kind: 'refused',
      error: unexpectedState(
        `This PaymentIntent is ${intent.status} and has no captured charge to refund.`,
        drawIntent(intent),
      ),
    };
  }
  const refundable = intent.amountReceived - intent.amountRefunded;
  if (refundable === 0) {
    const message = `Charge ${chargeIdOf(intent) ?? ''} has already been refunded.`;
    return { kind: 'refused', error: invalidRequest(message, { code: 'charge_already_refunded' }) };
  }
  if (amount > refundable) {
    const message = `Refund amount (${amount}) is greater than unrefunded amount on charge (${refundable}).`;
    return { kind: 'refused', error: invalidRequest(message, { param: 'amount' }) };
  }
  return {
    kind: 'moved',
    intent: { ...intent, amountRefunded: intent.amountRefunded + amount },
    movements: [{ kind: 'refund', amount }],
    events: ['charge.refunded'],
  };
}

function refuse(intent: PaymentIntent, verb: string): Transition {
  const message = `You cannot ${verb} this PaymentIntent because it has a status of ${intent.status}.`;
  return { kind: 'refused', error: unexpectedState(message, drawIntent(intent)) };
}
