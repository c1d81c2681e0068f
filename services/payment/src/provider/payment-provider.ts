import type { Observation } from '../payment/observation.js';
import type { Charge, Payment } from '../payment/payment.js';
import type { ProviderCall } from '../payment/next-call.js';

/**
 * The port to the payment provider. A call returns what it made known. `refused` says that it was not applied, because the
 * object is not where we thought; `unknown` that it may or may not have been applied. Only reading the object can tell more.
 */
export interface PaymentProvider {
  call(call: ProviderCall, payment: Payment): Promise<CallResult>;
  /** Reads the intent and its refunds. Never changes anything. */
  read(intentId: string): Promise<ReadResult>;
}

export type CallResult =
  | { readonly kind: 'observed'; readonly observation: Observation }
  | { readonly kind: 'refused' | 'unknown'; readonly cause: unknown };

export type ReadResult =
  | { readonly kind: 'observed'; readonly observations: readonly Observation[] }
  /** `refused`: the provider answers and does not show the object. */
  | { readonly kind: 'refused' | 'unknown'; readonly cause: unknown };

/** What the provider's answer to a request without the order's amount would be worth nothing for. */
export function chargeOf(payment: Payment): Charge {
  if (payment.charge === null) throw new Error(`Payment ${payment.orderId} has no charge to collect.`);
  return payment.charge;
}

export function intentIdOf(payment: Payment): string {
  if (payment.intentId === null) throw new Error(`Payment ${payment.orderId} has no intent to address.`);
  return payment.intentId;
}

/**
 * The provider's idempotency key of a call: the operation's identity and its generation, never an attempt, a time or a
 * message id, so that every repeat of the call carries the same one.
 */
export function providerKey(call: ProviderCall, payment: Payment): string {
  return `${payment.orderId}:${call}:${payment.generation}`;
}
