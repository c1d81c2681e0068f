import { randomUUID } from 'node:crypto';
import Stripe from 'stripe';
import type { FaultRule } from '../../src/faults/fault-rule.js';
import type { WorldSettings } from '../../src/world/world-settings.js';

export interface LedgerLine {
  readonly seq: number;
  readonly kind: string;
  readonly orderId: string;
  readonly paymentIntent: string;
  readonly amount: number;
  readonly currency: string;
  readonly idempotencyKey: string | null;
}

export interface CallLine {
  readonly seq: number;
  readonly operation: string;
  readonly orderId: string | null;
  readonly paymentIntent: string | null;
  readonly idempotencyKey: string | null;
  readonly status: number | null;
  readonly applied: boolean;
  readonly fault: string | null;
}

/** Talks to a running sandbox: with the unmodified SDK as a merchant would, and to its records as an audit would. */
export class SandboxClient {
  readonly stripe: Stripe;

  constructor(
    readonly url: string,
    readonly smtpPort: number,
  ) {
    this.stripe = this.merchant();
  }

  /** The SDK, with its own retries off, as the payment service uses it. */
  merchant(options: Partial<Stripe.StripeConfig> = {}): Stripe {
    const { hostname, port } = new URL(this.url);
    return new Stripe('sk_test_sandbox', { host: hostname, port, protocol: 'http', maxNetworkRetries: 0, ...options });
  }

  /** An unconfirmed intent of a new order. */
  async createIntent(
    more: Partial<Stripe.PaymentIntentCreateParams> & { orderId?: string } = {},
  ): Promise<Stripe.PaymentIntent> {
    const { orderId = randomUUID(), ...params } = more;
    return this.stripe.paymentIntents.create({
      amount: 1200,
      currency: 'eur',
      capture_method: 'manual',
      payment_method: 'pm_card_visa',
      metadata: { order_id: orderId },
      ...params,
    });
  }

  /** An intent whose amount is authorised and not captured. */
  async authorisedIntent(): Promise<Stripe.PaymentIntent> {
    const { id } = await this.createIntent();
    return this.stripe.paymentIntents.confirm(id);
  }

  async capturedIntent(): Promise<Stripe.PaymentIntent> {
    const { id } = await this.authorisedIntent();
    return this.stripe.paymentIntents.capture(id);
  }

  ledger(orderId: string): Promise<LedgerLine[]> {
    return this.json('GET', `/sandbox/ledger?order_id=${orderId}`);
  }

  /** What the ledger says of an order, in short. */
  async movements(orderId: string): Promise<string[]> {
    return (await this.ledger(orderId)).map(({ kind, amount }) => `${kind} ${amount}`);
  }

  calls(orderId: string): Promise<CallLine[]> {
    return this.json('GET', `/sandbox/calls?order_id=${orderId}`);
  }

  setFaults(rules: readonly FaultRule[], seed = 1): Promise<unknown> {
    return this.json('PUT', '/sandbox/faults', { seed, rules });
  }

  clearFaults(): Promise<unknown> {
    return this.json('DELETE', '/sandbox/faults');
  }

  setWorld(settings: Partial<WorldSettings>): Promise<unknown> {
    return this.json('PUT', '/sandbox/settings', settings);
  }

  async json<Body>(method: string, path: string, body?: unknown): Promise<Body> {
    const response = await fetch(this.url + path, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return JSON.parse(text) as Body;
  }
}

/** The order an intent belongs to. */
export const orderOf = (intent: Stripe.PaymentIntent): string => intent.metadata['order_id'] ?? '';

/** What the SDK throws. */
export async function errorOf(call: Promise<unknown>): Promise<Stripe.errors.StripeError> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof Stripe.errors.StripeError) return error;
  throw new Error('expected the call to fail with an error of the SDK', { cause: error });
}
