import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newPaymentIntent, type PaymentIntent } from './payment-intent.js';
import {
  cancelIntent,
  captureIntent,
  confirmIntent,
  refundIntent,
  type Transition,
} from './payment-intent.transitions.js';

const created: PaymentIntent = newPaymentIntent(
  {
    amount: 1200,
    captureMethod: 'manual',
    currency: 'eur',
    description: null,
    metadata: { order_id: 'o' },
    paymentMethod: 'pm_card_visa',
    receiptEmail: null,
  },
  1,
  1_000,
);
const confirmation = { paymentMethod: null, amount: 1200, now: 2_000 };
const after = (transition: Transition): PaymentIntent => {
  if (transition.kind === 'refused') throw new Error(transition.error.error.message);
  return transition.intent;
};
const authorised = after(confirmIntent(created, confirmation));
const captured = after(captureIntent(authorised, 1200));
const canceled = after(cancelIntent(authorised, null, 3_000));

describe('a payment intent', () => {
  it('authorises on confirmation and captures apart from it', () => {
    expect(confirmIntent(created, confirmation)).toMatchObject({ movements: [{ kind: 'authorise', amount: 1200 }] });
    expect(authorised).toMatchObject({ status: 'requires_capture', amountCapturable: 1200, amountReceived: 0 });
    expect(captureIntent(authorised, 1200)).toMatchObject({ movements: [{ kind: 'capture', amount: 1200 }] });
    expect(captured).toMatchObject({ status: 'succeeded', amountCapturable: 0, amountReceived: 1200 });
  });

  it('captures at once when its capture is not manual', () => {
    const automatic = confirmIntent({ ...created, captureMethod: 'automatic' }, confirmation);
    expect(automatic).toMatchObject({
      movements: [{ kind: 'authorise' }, { kind: 'capture' }],
      events: ['payment_intent.succeeded'],
    });
  });

  it('voids an authorisation when it is canceled, and moves nothing before one', () => {
    expect(cancelIntent(authorised, null, 3_000)).toMatchObject({ movements: [{ kind: 'void', amount: 1200 }] });
    expect(cancelIntent(created, null, 3_000)).toMatchObject({ kind: 'moved', movements: [] });
  });

  it.each([
    ['confirm', 'authorised', authorised, (intent: PaymentIntent) => confirmIntent(intent, confirmation)],
    ['confirm', 'captured', captured, (intent: PaymentIntent) => confirmIntent(intent, confirmation)],
    ['confirm', 'canceled', canceled, (intent: PaymentIntent) => confirmIntent(intent, confirmation)],
    ['capture', 'created', created, (intent: PaymentIntent) => captureIntent(intent, 1200)],
    ['capture', 'captured', captured, (intent: PaymentIntent) => captureIntent(intent, 1200)],
    ['capture', 'canceled', canceled, (intent: PaymentIntent) => captureIntent(intent, 1200)],
    ['cancel', 'captured', captured, (intent: PaymentIntent) => cancelIntent(intent, null, 3_000)],
    ['cancel', 'canceled', canceled, (intent: PaymentIntent) => cancelIntent(intent, null, 3_000)],
    ['refund', 'authorised', authorised, (intent: PaymentIntent) => refundIntent(intent, 1)],
    ['refund', 'canceled', canceled, (intent: PaymentIntent) => refundIntent(intent, 1)],
  ])('refuses to %s a payment intent that is %s', (_verb, _status, intent, act) => {
    expect(act(intent)).toMatchObject({
      kind: 'refused',
      error: { status: 400, error: { code: 'payment_intent_unexpected_state' } },
    });
  });

  it('refuses more than was authorised, and refunds beyond the capture', () => {
    expect(captureIntent(authorised, 1201)).toMatchObject({
      kind: 'refused',
      error: { error: { code: 'amount_too_large' } },
    });
    expect(refundIntent(captured, 1201)).toMatchObject({ kind: 'refused' });
    const partly = after(refundIntent(captured, 1000));
    expect(refundIntent(partly, 201)).toMatchObject({ kind: 'refused' });
    const fully = after(refundIntent(partly, 200));
    expect(refundIntent(fully, 1)).toMatchObject({
      kind: 'refused',
      error: { error: { code: 'charge_already_refunded' } },
    });
  });

  it('waits for another card after a decline', () => {
    const declined = confirmIntent(
      { ...created, paymentMethod: 'pm_card_chargeDeclinedInsufficientFunds' },
      confirmation,
    );
    expect(declined).toMatchObject({
      kind: 'declined',
      intent: { status: 'requires_payment_method', paymentMethod: null },
      error: { status: 402, error: { type: 'card_error', code: 'card_declined', decline_code: 'insufficient_funds' } },
    });
    expect(confirmIntent(after(declined), confirmation)).toMatchObject({ kind: 'refused' });
    expect(confirmIntent(after(declined), { ...confirmation, paymentMethod: 'pm_card_visa' })).toMatchObject({
      kind: 'moved',
    });
  });

  it('keeps its books whatever it is asked, however often', () => {
    // Few units and seldom a cancellation: so most runs get as far as refunds, and to their limit.
    const amount = fc.integer({ min: 1, max: 7 });
    const request = fc.oneof(
      { weight: 3, arbitrary: fc.record({ verb: fc.constant('confirm' as const), card: cards }) },
      { weight: 6, arbitrary: fc.record({ verb: fc.constantFrom('capture' as const, 'refund' as const), amount }) },
      { weight: 1, arbitrary: fc.record({ verb: fc.constant('cancel' as const) }) },
    );
    fc.assert(
      fc.property(fc.boolean(), fc.array(request, { maxLength: 20 }), (manual, requests) => {
        let intent: PaymentIntent = { ...created, amount: 5, captureMethod: manual ? 'manual' : 'automatic' };
        const booked = { authorise: 0, capture: 0, void: 0, refund: 0 };
        let captures = 0;
        for (const asked of requests) {
          const transition = act(intent, asked);
          if (transition.kind === 'refused') continue;
          intent = transition.intent;
          for (const money of transition.kind === 'moved' ? transition.movements : []) {
            booked[money.kind] += money.amount;
            if (money.kind === 'capture') captures += 1;
          }
          expect(captures).toBeLessThanOrEqual(1);
          expect(booked.refund).toBeLessThanOrEqual(booked.capture);
          expect(booked.capture + booked.void).toBeLessThanOrEqual(booked.authorise);
          expect(intent).toMatchObject({ amountReceived: booked.capture, amountRefunded: booked.refund });
        }
      }),
    );
  });
});

const cards = fc.constantFrom('pm_card_visa', 'pm_card_chargeDeclined');

type Request =
  | { readonly verb: 'confirm'; readonly card: string }
  | { readonly verb: 'capture' | 'refund'; readonly amount: number }
  | { readonly verb: 'cancel' };

function act(intent: PaymentIntent, request: Request): Transition {
  if (request.verb === 'confirm')
    return confirmIntent(intent, { paymentMethod: request.card, amount: intent.amount, now: 2_000 });
  if (request.verb === 'cancel') return cancelIntent(intent, null, 3_000);
  return request.verb === 'capture' ? captureIntent(intent, request.amount) : refundIntent(intent, request.amount);
}
