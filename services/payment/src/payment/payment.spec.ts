import { describe, expect, it } from 'vitest';
import { paymentWith } from '../../test/payments.js';
import { isReturned, snapshotOf, type Payment } from './payment.js';

const statusOf = (fields: Partial<Payment>) => snapshotOf(paymentWith({ intentId: 'pi_1', ...fields })).status;

describe('what is told of a payment', () => {
  it.each<[string, Partial<Payment>]>([
    ['pending', { intentId: null }],
    ['pending', { intentStatus: 'requires_confirmation' }],
    ['pending', { intentStatus: 'processing' }],
    ['authorised', { intentStatus: 'requires_capture' }],
    ['captured', { intentStatus: 'succeeded', capturedAmount: 2400 }],
    ['captured', { intentStatus: 'succeeded', capturedAmount: 2400, goal: 'return', refundedAmount: 2399 }],
    ['refunded', { intentStatus: 'succeeded', capturedAmount: 2400, goal: 'return', refundedAmount: 2400 }],
    ['authorised', { intentStatus: 'requires_capture', goal: 'return' }],
    ['voided', { intentStatus: 'canceled', goal: 'return' }],
    ['voided', { intentId: null, goal: 'return' }],
    ['declined', { intentStatus: 'canceled', goal: 'return', reason: 'card_declined' }],
    ['pending', { intentStatus: 'requires_payment_method', goal: 'return', reason: 'card_declined' }],
  ])('is %s for %o', (status, fields) => {
    expect(statusOf(fields)).toBe(status);
  });

  it('has the amounts as the ledger has them', () => {
    const payment = paymentWith({ intentStatus: 'succeeded', capturedAmount: 2400, refundedAmount: 100 });
    expect(snapshotOf(payment)).toEqual({ status: 'captured', capturedAmount: 2400, refundedAmount: 100 });
  });
});

describe('a payment', () => {
  it('is not returned while it is to collect, whatever the provider says', () => {
    expect(isReturned(paymentWith({ intentId: null }))).toBe(false);
    expect(isReturned(paymentWith({ intentId: 'pi_1', intentStatus: 'canceled' }))).toBe(false);
  });
});
