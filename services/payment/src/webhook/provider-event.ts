import Stripe from 'stripe';
import type { Observation, ObservedIntent } from '../payment/observation.js';
import { observedIntent, orderIdOf } from '../provider/stripe-provider.js';

/** What a provider's event makes known about one of our payments. */
export interface ProviderEvent {
  readonly id: string;
  /** By the provider's clock. */
  readonly createdAt: string;
  readonly orderId: string;
  readonly observation: Observation;
}

export type ReadEvent =
  | { readonly kind: 'event'; readonly event: ProviderEvent }
  /** Genuine, and about nothing of ours. */
  | { readonly kind: 'foreign' }
  | { readonly kind: 'refused'; readonly reason: string };

/** Older signatures are refused, so that a captured event cannot be played back later; Stripe's own default. */
const TOLERANCE_S = 300;

/**
 * Verifies the signature over the raw bytes, in constant time, before anything in them is believed
 * (docs.stripe.com/webhooks/signature).
 */
export function readEvent(stripe: Stripe, body: Buffer, signature: string | undefined, secret: string): ReadEvent {
  if (signature === undefined) return { kind: 'refused', reason: 'The Stripe-Signature header is missing.' };
  let event: Stripe.Event;
  try {
    event = stripe.webhooks.constructEvent(body, signature, secret, TOLERANCE_S);
  } catch {
    return { kind: 'refused', reason: 'The signature does not fit these bytes, or is too old.' };
  }
  return interpret(event);
}

/** Of the hundreds of kinds of events, those that tell about our payments. */
function interpret(event: Stripe.Event): ReadEvent {
  if (
    event.type === 'payment_intent.amount_capturable_updated' ||
    event.type === 'payment_intent.succeeded' ||
    event.type === 'payment_intent.canceled'
  ) {
    const intent = event.data.object;
    return about(event, intent.metadata, { kind: 'intent', intent: observedIntent(intent) });
  }
  if (event.type === 'payment_intent.payment_failed') {
    const intent = event.data.object;
    return about(event, intent.metadata, { kind: 'declined', intent: observedIntent(intent) });
  }
  if (event.type === 'charge.refunded') {
    const charge = event.data.object;
    const intent = intentOfCharge(charge);
    if (intent === null) return { kind: 'foreign' };
    return about(event, charge.metadata, { kind: 'refunded', intent, refundedAmount: charge.amount_refunded });
  }
  return { kind: 'foreign' };
}

/** A charge that money went back from was captured. */
function intentOfCharge(charge: Stripe.Charge): ObservedIntent | null {
  const { payment_intent: intent, amount_captured: capturedAmount } = charge;
  const id = typeof intent === 'string' ? intent : intent?.id;
  if (id === undefined) return null;
  const currency = charge.currency.toUpperCase();
  return { id, status: 'succeeded', amount: capturedAmount, currency, capturedAmount };
}

function about({ id, created }: Stripe.Event, metadata: Stripe.Metadata | null, observation: Observation): ReadEvent {
  const orderId = orderIdOf(metadata);
  return orderId === null
    ? { kind: 'foreign' }
    : { kind: 'event', event: { id, createdAt: new Date(created * 1000).toISOString(), orderId, observation } };
}
