import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answered, arriving, charge, open, operationOf, ORDER_ID, paymentWith } from '../../test/payments.js';
import { newPayment, type Payment } from './payment.js';
import { accept, answerRequests, type ArrivingRequest } from './request.js';

const acceptAll = (...requests: readonly ArrivingRequest[]): Payment | null =>
  requests.reduce<Payment | null>((payment, request) => accept(payment, request), null);

describe('a request to authorise', () => {
  it('makes the payment and says what to collect', () => {
    expect(accept(null, arriving('authorise'))).toEqual({
      ...newPayment(ORDER_ID),
      charge,
      requests: [open('authorise')],
    });
  });

  it('changes the amount no more when it comes as a second operation', () => {
    const second = arriving('authorise', {
      operation: operationOf('authorise', { generation: 2 }),
      charge: { ...charge, amount: 1 },
    });
    expect(acceptAll(arriving('authorise'), second)).toMatchObject({
      charge,
      requests: [open('authorise'), { kind: 'authorise', operation: { generation: 2 } }],
    });
  });

  it('finds the tombstone of the return that came first, and collects nothing', () => {
    expect(acceptAll(arriving('return'), arriving('authorise'))).toMatchObject({
      goal: 'return',
      reason: null,
      charge: null,
    });
  });
});

describe('a request to capture', () => {
  it('leaves an authorised payment as it is', () => {
    const authorised = paymentWith({ intentStatus: 'requires_capture', requests: [answered('authorise')] });
    expect(accept(authorised, arriving('capture'))).toEqual({
      ...authorised,
      requests: [answered('authorise'), open('capture')],
    });
  });

  it('without an authorisation is a definite no, also to the authorisation that comes later', () => {
    const captured = accept(null, arriving('capture'));
    expect(captured).toMatchObject({ goal: 'return', reason: 'payment_rejected' });
    const { answered: answers } = answerRequests(accept(captured, arriving('authorise')));
    expect(answers.map(({ kind, answer }) => [kind, answer])).toEqual([
      ['capture', { outcome: 'refused', reason: 'payment_rejected' }],
      ['authorise', { outcome: 'refused', reason: 'payment_rejected' }],
    ]);
  });
});

describe('a request to return', () => {
  it('leaves a tombstone when nothing came before', () => {
    expect(accept(null, arriving('return'))).toEqual({
      ...newPayment(ORDER_ID),
      goal: 'return',
      requests: [open('return')],
    });
  });

  it('keeps the reason for which the money is already on its way back', () => {
    const declined = paymentWith({ goal: 'return', reason: 'card_declined' });
    expect(accept(declined, arriving('return'))).toMatchObject({ goal: 'return', reason: 'card_declined' });
  });
});

describe('requests in whatever order', () => {
  const kinds = fc.array(fc.constantFrom('authorise' as const, 'capture' as const, 'return' as const), {
    maxLength: 8,
  });

  it('set the goal to return for good once one of them is a return', () => {
    fc.assert(
      fc.property(kinds, kinds, (before, after) => {
        const requests = [...before, 'return' as const, ...after].map((kind) => arriving(kind));
        expect(acceptAll(...requests)?.goal).toBe('return');
      }),
    );
  });

  it('are all kept, in order, with nothing answered before it is asked', () => {
    fc.assert(
      fc.property(kinds, (sequence) => {
        const payment = acceptAll(...sequence.map((kind) => arriving(kind)));
        expect(payment?.requests ?? []).toEqual(sequence.map(open));
      }),
    );
  });
});

describe('the answers of a payment', () => {
  it('are given to every open request that it decides, and to each once', () => {
    const payment = paymentWith({
      goal: 'return',
      reason: 'card_declined',
      requests: [answered('authorise'), open('capture'), open('return')],
    });
    const first = answerRequests(payment);
    expect(first.answered).toEqual([
      { kind: 'capture', operation: operationOf('capture'), answer: { outcome: 'refused', reason: 'card_declined' } },
      { kind: 'return', operation: operationOf('return'), answer: { outcome: 'ok' } },
    ]);
    expect(first.payment.requests.every(({ isAnswered }) => isAnswered)).toBe(true);
    expect(answerRequests(first.payment)).toEqual({ payment: first.payment, answered: [] });
  });

  it('are not given while the provider may still do something', () => {
    const payment = paymentWith({ goal: 'return', intentId: 'pi_1', intentStatus: 'processing' });
    expect(answerRequests(payment)).toEqual({ payment, answered: [] });
  });

  it('do not change when the payment moves on', () => {
    const authorised = paymentWith({ intentId: 'pi_1', intentStatus: 'requires_capture' });
    const { payment } = answerRequests(authorised);
    const expired: Payment = { ...payment, goal: 'return', reason: 'authorisation_expired', intentStatus: 'canceled' };
    expect(answerRequests(expired).answered).toEqual([]);
  });
});
