import type { Form } from '../http/form.js';
import { answer, decide, refuse, refuseUnread, type Decision } from './decision.js';
import {
  cancelIntentForm,
  captureIntentForm,
  confirmIntentForm,
  createIntentForm,
  createRefundForm,
  parseParameters,
  retrieveIntentForm,
} from './parameters.js';
import { chargeIdOf, newPaymentIntent, type PaymentIntent } from './payment-intent.js';
import { cancelIntent, captureIntent, confirmIntent, refundIntent } from './payment-intent.transitions.js';
import { randomId } from './random-id.js';
import type { Refund } from './refund.js';
import { invalidRequest, noSuch } from './stripe-error.js';
import { drawIntent, drawRefund } from './stripe-objects.js';
import { findTestCard } from './test-cards.js';

/** One call, as an operation sees it. Pure: everything it needs is here, everything it causes is in its Decision. */
export interface OperationInput {
  readonly form: Form;
  /** The id in the path, or the one a refund names. */
  readonly intentId: string;
  readonly intent: PaymentIntent | null;
  readonly now: number;
  readonly nextSeq: () => number;
  /** The provider makes a mistake of one minor unit. */
  readonly isAmountWrong: boolean;
}

export type Operation = (input: OperationInput) => Decision;

export const createIntent: Operation = ({ form, now, nextSeq, isAmountWrong }) => {
  const parsed = parseParameters(createIntentForm, form);
  if (parsed.kind === 'refused') return refuseUnread(parsed.error);
  const { amount, capture_method, confirm, currency, description, expand, metadata, payment_method, receipt_email } =
    parsed.value;
  if (payment_method !== undefined && findTestCard(payment_method) === undefined) {
    return refuseUnread(noSuch('PaymentMethod', payment_method, 'payment_method'));
  }
  const request = {
    amount: isAmountWrong ? amount + 1 : amount,
    captureMethod: capture_method,
    currency,
    description: description ?? null,
    metadata,
    paymentMethod: payment_method ?? null,
    receiptEmail: receipt_email ?? null,
  };
  const intent = newPaymentIntent(request, nextSeq(), now);
  if (confirm && intent.paymentMethod === null) {
    return refuseUnread(
      invalidRequest('You cannot confirm without a payment method.', {
        code: 'parameter_missing',
        param: 'payment_method',
      }),
    );
  }
  if (!confirm) return { ...answer(draw(intent, expand), intent), applied: true };
  return decide(intent, confirmIntent(intent, { paymentMethod: null, amount: intent.amount, now }), (after) =>
    draw(after, expand),
  );
};

export const confirmExistingIntent: Operation = ({ form, intentId, intent, now, isAmountWrong }) => {
  const parsed = parseParameters(confirmIntentForm, form);
  if (parsed.kind === 'refused') return refuseUnread(parsed.error);
  if (intent === null) return refuse(noSuch('payment_intent', intentId, 'intent'));
  const { expand, payment_method } = parsed.value;
  const amount = isAmountWrong ? oneLess(intent.amount) : intent.amount;
  const transition = confirmIntent(intent, { paymentMethod: payment_method ?? null, amount, now });
  return decide(intent, transition, (after) => draw(after, expand));
};

export const captureExistingIntent: Operation = ({ form, intentId, intent, isAmountWrong }) => {
  const parsed = parseParameters(captureIntentForm, form);
  if (parsed.kind === 'refused') return refuseUnread(parsed.error);
  if (intent === null) return refuse(noSuch('payment_intent', intentId, 'intent'));
  const { amount_to_capture, expand } = parsed.value;
  const amount = amount_to_capture ?? intent.amountCapturable;
  const transition = captureIntent(intent, isAmountWrong ? oneLess(amount) : amount);
  return decide(intent, transition, (after) => draw(after, expand));
};

export const cancelExistingIntent: Operation = ({ form, intentId, intent, now }) => {
  const parsed = parseParameters(cancelIntentForm, form);
  if (parsed.kind === 'refused') return refuseUnread(parsed.error);
  if (intent === null) return refuse(noSuch('payment_intent', intentId, 'intent'));
  const { cancellation_reason, expand } = parsed.value;
  return decide(intent, cancelIntent(intent, cancellation_reason ?? null, now), (after) => draw(after, expand));
};

export const createRefund: Operation = ({ form, intentId, intent, now, nextSeq, isAmountWrong }) => {
  const parsed = parseParameters(createRefundForm, form);
  if (parsed.kind === 'refused') return refuseUnread(parsed.error);
  if (parsed.value.payment_intent === undefined && parsed.value.charge === undefined) {
    return refuseUnread(
      invalidRequest('One of the following params should be provided: payment_intent or charge.', {
        code: 'parameter_missing',
        param: 'payment_intent',
      }),
    );
  }
  if (intent === null) return refuse(noSuch('payment_intent', intentId, 'payment_intent'));
  const asked = parsed.value.amount ?? intent.amountReceived - intent.amountRefunded;
  const amount = isAmountWrong ? oneLess(asked) : asked;
  const refund: Refund = {
    id: randomId('re'),
    seq: nextSeq(),
    paymentIntent: intent.id,
    chargeId: chargeIdOf(intent),
    paymentMethod: intent.paymentMethod,
    amount,
    currency: intent.currency,
    reason: parsed.value.reason ?? null,
    metadata: parsed.value.metadata,
    createdAtMs: now,
  };
  const decision = decide(intent, refundIntent(intent, amount), () => drawRefund(refund));
  return decision.applied ? { ...decision, refund } : decision;
};

export const retrieveIntent: Operation = ({ form, intentId, intent }) => {
  const parsed = parseParameters(retrieveIntentForm, form);
  if (parsed.kind === 'refused') return refuseUnread(parsed.error);
  if (intent === null) return refuse(noSuch('payment_intent', intentId, 'intent'));
  return answer(draw(intent, parsed.value.expand), intent);
};

const draw = (intent: PaymentIntent, expand: readonly string[]): object =>
  drawIntent(intent, { latestCharge: expand.includes('latest_charge') });

/** Too little by one minor unit, and still an amount: the ledger knows no zero. */
const oneLess = (amount: number): number => Math.max(1, amount - 1);
