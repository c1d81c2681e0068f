import { describe, expect, it } from 'vitest';
import { intentWith, ORDER_ID, paymentWith } from '../../test/payments.js';
import { driftOf, missingDrift, type ListedIntent } from './drift.js';

const createdAt = new Date('2026-01-02T03:04:05.000Z');

const listed = (fields: Parameters<typeof intentWith>[0] = {}, refundedAmount = 0): ListedIntent => ({
  orderId: ORDER_ID,
  intent: intentWith(fields),
  refundedAmount,
  createdAt,
});
const captured = paymentWith({ intentId: 'pi_1', intentStatus: 'succeeded', capturedAmount: 2400 });

describe('an intent that the books know', () => {
  it.each([
    ['captured', captured, listed({ status: 'succeeded' })],
    ['refunded', { ...captured, refundedAmount: 2400 }, listed({ status: 'succeeded' }, 2400)],
    [
      'authorised',
      paymentWith({ intentId: 'pi_1', intentStatus: 'requires_capture' }),
      listed({ status: 'requires_capture' }),
    ],
  ])('and that is %s on both sides is no drift', (_name, payment, theirs) => {
    expect(driftOf(payment, theirs)).toBeNull();
  });

  it('differs in its amount when something was given back that the books do not know of', () => {
    expect(driftOf(captured, listed({ status: 'succeeded' }, 2400))).toEqual({
      kind: 'amount',
      orderId: ORDER_ID,
      intentId: 'pi_1',
      ours: 'succeeded, captured 2400, refunded 0',
      theirs: 'succeeded, amount 2400 EUR, captured 2400, refunded 2400',
      atStake: 2400,
      currency: 'EUR',
      createdAt,
    });
  });

  it.each([
    ['amount', { amount: 2399 }],
    ['currency', { currency: 'USD' }],
  ])('differs when it is over another %s than the order', (_name, fields) => {
    const waiting = paymentWith({ intentId: 'pi_1', intentStatus: 'requires_capture' });
    expect(driftOf(waiting, listed({ status: 'requires_capture', ...fields }))).toMatchObject({ kind: 'amount' });
  });

  it('differs in its state when the provider has gone further, or the books have', () => {
    const waiting = paymentWith({ intentId: 'pi_1', intentStatus: 'requires_confirmation' });
    expect(driftOf(waiting, listed({ status: 'requires_capture' }))).toMatchObject({ kind: 'state', atStake: 2400 });
    const gone = paymentWith({ intentId: 'pi_1', intentStatus: 'canceled', goal: 'return' });
    expect(driftOf(gone, listed({ status: 'requires_capture' }))).toMatchObject({ kind: 'state', atStake: 2400 });
  });
});

describe('an intent that no payment has recorded', () => {
  it.each([
    ['reserves', { status: 'requires_capture' }, 0],
    ['has taken', { status: 'succeeded' }, 1000],
  ] as const)('and that %s money is an orphan', (_name, fields, refunded) => {
    const atStake = 2400 - refunded;
    expect(driftOf(null, listed(fields, refunded))).toMatchObject({ kind: 'orphan', ours: 'no payment', atStake });
    expect(driftOf({ ...captured, intentId: 'pi_2' }, listed(fields, refunded))).toMatchObject({
      kind: 'orphan',
      ours: 'intent pi_2',
    });
  });

  it.each([
    ['a stray that was never confirmed', listed()],
    ['one that was let go', listed({ status: 'canceled' })],
    ['one whose money has all gone back', listed({ status: 'succeeded' }, 2400)],
  ])('is no drift when nothing hangs on it: %s', (_name, theirs) => {
    expect(driftOf(null, theirs)).toBeNull();
  });
});

describe('an intent that the provider does not show', () => {
  it('is missing, with what the books believe to have taken at stake', () => {
    expect(missingDrift(captured, 'pi_1', createdAt)).toMatchObject({
      kind: 'missing',
      atStake: 2400,
      currency: 'EUR',
    });
  });
});
