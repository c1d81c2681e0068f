import type { PaymentIntent } from './payment-intent.js';
import type { EventType, Money, Transition } from './payment-intent.transitions.js';
import type { Refund } from './refund.js';
import type { StripeError } from './stripe-error.js';

/** What a call comes to: the answer, and everything that has to be on disk before the answer leaves. */
export interface Decision {
  readonly status: number;
  readonly body: object;
  /** Whether the call did what it asked for. */
  readonly applied: boolean;
  /** False where execution never began: such an answer is not kept under the key. */
  readonly isSticky: boolean;
  /** The intent after the call; null when the call was about none, or found none. */
  readonly intent: PaymentIntent | null;
  readonly refund: Refund | null;
  readonly movements: readonly Money[];
  readonly events: readonly EventType[];
}

const NOTHING = { applied: false, isSticky: true, intent: null, refund: null, movements: [], events: [] } as const;

/** A read, or anything else that changes nothing. */
export function answer(body: object, intent: PaymentIntent | null = null): Decision {
  return { ...NOTHING, status: 200, body, intent };
}

export function refuse({ status, error }: StripeError, intent: PaymentIntent | null = null): Decision {
  return { ...NOTHING, status, body: { error }, intent };
}

/** The request could not even be read; a corrected one may use the same key. */
export function refuseUnread(error: StripeError): Decision {
  return { ...refuse(error), isSticky: false };
}

/** `draw` makes the answer of a transition that succeeded. */
export function decide(
  before: PaymentIntent,
  transition: Transition,
  draw: (after: PaymentIntent) => object,
): Decision {
  if (transition.kind === 'refused') return refuse(transition.error, before);
  if (transition.kind === 'declined') {
    return { ...refuse(transition.error, transition.intent), events: transition.events };
  }
  return { ...NOTHING, ...transition, applied: true, status: 200, body: draw(transition.intent) };
}
