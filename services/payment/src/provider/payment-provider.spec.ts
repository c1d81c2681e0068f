import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answered, open, ORDER_ID, paymentWith } from '../../test/payments.js';
import type { ProviderCall } from '../payment/next-call.js';
import { INTENT_STATUSES, type Payment } from '../payment/payment.js';
import { chargeOf, intentIdOf, providerKey } from './payment-provider.js';

const calls = fc.constantFrom<ProviderCall[]>('create', 'confirm', 'capture', 'cancel', 'refund');

/** Everything of a payment that changes while it is driven, but its generation. */
const progress: fc.Arbitrary<Partial<Payment>> = fc.record({
  goal: fc.constantFrom('collect' as const, 'return' as const),
  intentStatus: fc.constantFrom(null, ...INTENT_STATUSES),
  refundedAmount: fc.nat(2400),
  requests: fc.subarray([answered('authorise'), open('capture'), open('return')]),
  version: fc.nat(100),
});

describe('the provider’s key', () => {
  it('names the order, the call and the generation', () => {
    expect(providerKey('refund', paymentWith({ generation: 3 }))).toBe(`${ORDER_ID}:refund:3`);
  });

  it('is the same for every repeat of a call, however far the payment has come', () => {
    fc.assert(
      fc.property(calls, progress, progress, (call, before, after) => {
        expect(providerKey(call, paymentWith(after))).toBe(providerKey(call, paymentWith(before)));
      }),
    );
  });

  it('differs between calls, generations and orders', () => {
    const keys = ['create', 'confirm', 'capture', 'cancel', 'refund'] as const;
    const payments = [paymentWith(), paymentWith({ generation: 2 }), paymentWith({ orderId: 'another' })];
    expect(new Set(payments.flatMap((payment) => keys.map((call) => providerKey(call, payment)))).size).toBe(15);
  });
});

describe('what a call needs', () => {
  it('is asked of a payment that has it', () => {
    const payment = paymentWith({ intentId: 'pi_1' });
    expect([chargeOf(payment).amount, intentIdOf(payment)]).toEqual([2400, 'pi_1']);
  });

  it('is missed loudly', () => {
    expect(() => chargeOf(paymentWith({ charge: null }))).toThrow('has no charge to collect');
    expect(() => intentIdOf(paymentWith())).toThrow('has no intent to address');
  });
});
