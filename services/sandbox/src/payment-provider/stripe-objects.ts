import { chargeIdOf, type PaymentIntent } from './payment-intent.js';
import type { Refund } from './refund.js';

/** Draws the objects that the `stripe` SDK types. Every field it declares as present is present. */

const seconds = (ms: number | null): number | null => (ms === null ? null : Math.floor(ms / 1_000));

export interface Expansion {
  readonly latestCharge: boolean;
}

export function drawIntent(intent: PaymentIntent, expansion: Expansion = { latestCharge: false }): object {
  return {
    id: intent.id,
    object: 'payment_intent',
    allowed_payment_method_types: null,
    amount: intent.amount,
    amount_capturable: intent.amountCapturable,
    amount_details: { tip: {} },
    amount_received: intent.amountReceived,
    application: null,
    application_fee_amount: null,
    automatic_payment_methods: null,
    canceled_at: seconds(intent.canceledAtMs),
    cancellation_reason: intent.cancellationReason,
    capture_method: intent.captureMethod,
    client_secret: `${intent.id}_secret_sandbox`,
    confirmation_method: 'automatic',
    created: seconds(intent.createdAtMs),
    currency: intent.currency,
    customer: null,
    customer_account: null,
    description: intent.description,
    excluded_payment_method_types: null,
    last_payment_error: drawPaymentError(intent),
    latest_charge: expansion.latestCharge ? drawCharge(intent) : chargeIdOf(intent),
    livemode: false,
    managed_payments: null,
    metadata: intent.metadata,
    next_action: null,
    on_behalf_of: null,
    payment_method: intent.paymentMethod,
    payment_method_configuration_details: null,
    payment_method_options: { card: {} },
    payment_method_types: ['card'],
    payment_record: null,
    processing: null,
    receipt_email: intent.receiptEmail,
    review: null,
    setup_future_usage: null,
    shipping: null,
    source: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: intent.status,
    transfer_data: null,
    transfer_group: null,
  };
}

function drawPaymentError(intent: PaymentIntent): object | null {
  const error = intent.lastPaymentError;
  if (error === null) return null;
  return {
    type: 'card_error',
    charge: chargeIdOf(intent),
    code: error.code,
    decline_code: error.declineCode,
    message: error.message,
    payment_method: drawPaymentMethod(error.paymentMethod),
  };
}

export function drawPaymentMethod(id: string): object {
  return { id, object: 'payment_method', type: 'card', livemode: false, card: { brand: 'visa', last4: '4242' } };
}

/** The charge of the latest attempt, or null before the first. */
export function drawCharge(intent: PaymentIntent): object | null {
  const id = chargeIdOf(intent);
  if (id === null) return null;
  const failure = intent.lastPaymentError;
  return {
    id,
    object: 'charge',
    amount: intent.amount,
    amount_captured: intent.amountReceived,
    amount_refunded: intent.amountRefunded,
    application: null,
    application_fee: null,
    application_fee_amount: null,
    balance_transaction: null,
    billing_details: { address: null, email: intent.receiptEmail, name: null, phone: null, tax_id: null },
    calculated_statement_descriptor: null,
    captured: intent.amountReceived > 0,
    created: seconds(intent.authorisedAtMs ?? intent.createdAtMs),
    currency: intent.currency,
    customer: null,
    description: intent.description,
    disputed: false,
    failure_balance_transaction: null,
    failure_code: failure?.code ?? null,
    failure_message: failure?.message ?? null,
    fraud_details: null,
    livemode: false,
    metadata: intent.metadata,
    on_behalf_of: null,
    outcome: null,
    paid: failure === null,
    payment_intent: intent.id,
    payment_method: intent.paymentMethod,
    payment_method_details: null,
    receipt_email: intent.receiptEmail,
    receipt_number: null,
    receipt_url: null,
    refunded: intent.amountReceived > 0 && intent.amountRefunded === intent.amountReceived,
    review: null,
    shipping: null,
    source: null,
    source_transfer: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: failure === null ? 'succeeded' : 'failed',
    transfer_data: null,
    transfer_group: null,
  };
}

export function drawRefund(refund: Refund): object {
  return {
    id: refund.id,
    object: 'refund',
    amount: refund.amount,
    balance_transaction: null,
    charge: refund.chargeId,
    created: seconds(refund.createdAtMs),
    currency: refund.currency,
    customer: null,
    customer_account: null,
    metadata: refund.metadata,
    payment_intent: refund.paymentIntent,
    payment_method: refund.paymentMethod,
    reason: refund.reason,
    receipt_number: null,
    source_transfer_reversal: null,
    status: 'succeeded',
    transfer_reversal: null,
  };
}
