import Stripe from 'stripe';
import type { Observation, ObservedIntent } from '../payment/observation.js';
import { INTENT_STATUSES, type Payment } from '../payment/payment.js';
import type { ProviderCall } from '../payment/next-call.js';
import type { ListedIntent } from '../reconciliation/drift.js';
import type { IntentList, TimeWindow } from '../reconciliation/reconciler.js';
import type { Wire } from './guarded-client.js';
import {
  chargeOf,
  intentIdOf,
  providerKey,
  type CallResult,
  type PaymentProvider,
  type ReadResult,
} from './payment-provider.js';

export interface StripeSettings {
  readonly apiKey: string;
  /** Empty: Stripe itself. */
  readonly url: string;
  readonly timeoutMs: number;
  /** What its requests leave by. */
  readonly httpClient: Wire;
}

/** The official SDK with its own retries switched off: a repeat is our decision, made on what was observed. */
export function openStripe({ apiKey, url, timeoutMs, httpClient }: StripeSettings): Stripe {
  const base = { maxNetworkRetries: 0, timeout: timeoutMs, telemetry: false, httpClient };
  if (url === '') return new Stripe(apiKey, base);
  const { hostname, port, protocol } = new URL(url);
  const isPlain = protocol === 'http:';
  const standardPort = isPlain ? 80 : 443;
  return new Stripe(apiKey, {
    ...base,
    host: hostname,
    port: port === '' ? standardPort : Number(port),
    protocol: isPlain ? 'http' : 'https',
  });
}

/** Stripe with manual capture, addressed after creation: the intent is made unconfirmed and every later call names it. */
export class StripeProvider implements PaymentProvider, IntentList {
  constructor(private readonly stripe: Stripe) {}

  async call(call: ProviderCall, payment: Payment): Promise<CallResult> {
    try {
      return { kind: 'observed', observation: await this.send(call, payment) };
    } catch (error) {
      return resultOfError(error, call, payment);
    }
  }

  async read(intentId: string): Promise<ReadResult> {
    try {
      const intent = await this.stripe.paymentIntents.retrieve(intentId);
      const observations: Observation[] = [{ kind: 'intent', intent: observedIntent(intent) }];
      if (intent.status === 'succeeded') observations.push(await this.readRefunds(intentId));
      return { kind: 'observed', observations };
    } catch (error) {
      return { kind: isAnswered(error) ? 'refused' : 'unknown', cause: error };
    }
  }

  /** Newest first, as Stripe lists; seconds are the finest that its window knows. */
  async *listIntents({ from, to }: TimeWindow): AsyncIterable<readonly ListedIntent[]> {
    const created = { gte: Math.floor(from.getTime() / 1000), lt: Math.ceil(to.getTime() / 1000) };
    for (let after: string | undefined; ;) {
      const page = await this.stripe.paymentIntents.list({
        created,
        limit: LIST_PAGE,
        expand: ['data.latest_charge'],
        ...(after === undefined ? {} : { starting_after: after }),
      });
      if (page.data.length > 0) yield page.data.map(listedIntent);
      if (!page.has_more) return;
      after = page.data.at(-1)?.id;
    }
  }

  private async send(call: ProviderCall, payment: Payment): Promise<Observation> {
    const options = { idempotencyKey: providerKey(call, payment) };
    const intents = this.stripe.paymentIntents;
    switch (call) {
      case 'create':
        return intentObserved(await intents.create(creationOf(payment), options));
      case 'confirm':
        return intentObserved(await intents.confirm(intentIdOf(payment), {}, options));
      case 'capture':
        return intentObserved(await intents.capture(intentIdOf(payment), {}, options));
      case 'cancel':
        return intentObserved(await intents.cancel(intentIdOf(payment), {}, options));
      case 'refund': {
        const refund = await this.stripe.refunds.create(
          { payment_intent: intentIdOf(payment), amount: payment.capturedAmount - payment.refundedAmount },
          options,
        );
        if (!hasComeAbout(refund)) throw new RefundFailedError(refund);
        return { kind: 'refunds', refundedAmount: payment.refundedAmount + refund.amount };
      }
    }
  }

  private async readRefunds(intentId: string): Promise<Observation> {
    let refundedAmount = 0;
    for await (const refund of this.stripe.refunds.list({ payment_intent: intentId, limit: 100 })) {
      if (hasComeAbout(refund)) refundedAmount += refund.amount;
    }
    return { kind: 'refunds', refundedAmount };
  }
}

function listedIntent(intent: Stripe.PaymentIntent): ListedIntent {
  const { latest_charge: charge, metadata, created } = intent;
  return {
    orderId: orderIdOf(metadata),
    intent: observedIntent(intent),
    refundedAmount: typeof charge === 'object' && charge !== null ? charge.amount_refunded : 0,
    createdAt: new Date(created * 1000),
  };
}

/** The order that metadata name; null when it can be none of ours. */
export function orderIdOf(metadata: Stripe.Metadata | null): string | null {
  const orderId = metadata?.['order_id'];
  return orderId === undefined || !UUID.test(orderId) ? null : orderId;
}

const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/;

/** The largest page that Stripe gives. */
const LIST_PAGE = 100;

function creationOf(payment: Payment): Stripe.PaymentIntentCreateParams {
  const charge = chargeOf(payment);
  return {
    amount: charge.amount,
    currency: charge.currency.toLowerCase(),
    payment_method: charge.method,
    capture_method: 'manual',
    // A method that sends the customer elsewhere cannot be confirmed by a server alone.
    automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
    // How a charge that nobody remembers is matched to its order.
    metadata: { order_id: payment.orderId },
  };
}

function intentObserved(intent: Stripe.PaymentIntent): Observation {
  return { kind: 'intent', intent: observedIntent(intent) };
}

export function observedIntent(intent: Stripe.PaymentIntent): ObservedIntent {
  return {
    id: intent.id,
    status: INTENT_STATUSES.find((status) => status === intent.status) ?? 'processing',
    amount: amountAtStake(intent),
    currency: intent.currency.toUpperCase(),
    capturedAmount: intent.status === 'succeeded' ? intent.amount_received : 0,
  };
}

/** What would be taken, is reserved, or was taken: at each stage it must be the order's amount before the next is reached. */
function amountAtStake(intent: Stripe.PaymentIntent): number {
  if (intent.status === 'requires_capture') return intent.amount_capturable;
  return intent.status === 'succeeded' ? intent.amount_received : intent.amount;
}

/** A refund that the bank took and sent back is answered with 200 like any other, and has returned nothing. */
function hasComeAbout(refund: Stripe.Refund): boolean {
  return refund.status !== 'failed' && refund.status !== 'canceled';
}

class RefundFailedError extends Error {
  override readonly name = 'RefundFailedError';

  constructor({ id, status, failure_reason: reason }: Stripe.Refund) {
    super(`Refund ${id} is ${status ?? 'in no state'}: ${reason ?? 'no reason given'}.`);
  }
}

/**
 * What an error tells. A decline is definite, and so is every 4xx except 401, 403, 409 and 429: those say nothing about
 * the order but about our key, or "not now". Whatever else happened to the request, it may have been applied.
 */
function resultOfError(error: unknown, call: ProviderCall, payment: Payment): CallResult {
  if (error instanceof RefundFailedError) return { kind: 'refused', cause: error };
  if (!(error instanceof Stripe.errors.StripeError)) return { kind: 'unknown', cause: error };
  if (error instanceof Stripe.errors.StripeCardError) {
    const intent = error.payment_intent === undefined ? null : observedIntent(error.payment_intent);
    return { kind: 'observed', observation: { kind: 'declined', intent } };
  }
  if ((error.statusCode ?? 0) >= 500) {
    return { kind: 'observed', observation: { kind: 'stuck', call, generation: payment.generation } };
  }
  if (!isDefiniteNo(error)) return { kind: 'unknown', cause: error };
  return call === 'create'
    ? { kind: 'observed', observation: { kind: 'rejected' } }
    : { kind: 'refused', cause: error };
}

/** About the request: it was refused, and would be again. */
function isDefiniteNo(error: unknown): boolean {
  return isAnswered(error) && !ABOUT_OUR_KEY.has(statusOf(error));
}

/** The provider has looked at the request, and said no to it or to us; anything else says "not now", or nothing. */
function isAnswered(error: unknown): boolean {
  const status = statusOf(error);
  return status >= 400 && status < 500 && status !== 409 && status !== 429;
}

const statusOf = (error: unknown): number => (error instanceof Stripe.errors.StripeError ? (error.statusCode ?? 0) : 0);

const ABOUT_OUR_KEY: ReadonlySet<number> = new Set([401, 403]);
