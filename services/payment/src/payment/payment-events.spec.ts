import { operationKey } from '@once/contracts';
import { EVENT_SCOPE } from '@once/idempotency';
import { describe, expect, it } from 'vitest';
import { changeOf, recordOf } from '../../test/memory-payments.js';
import { answered, intentObserved, NOW, open, operationOf, ORDER_ID, paymentWith, TERMS } from '../../test/payments.js';
import { decide } from './payment-work.js';

const EMPTY = { payment: null, record: null, now: NOW };
const daysAgo = (days: number) => new Date(NOW.getTime() - days * 86_400_000).toISOString();
const authorised = paymentWith({ intentId: 'pi_1', intentStatus: 'requires_capture' });

describe('an event of the provider', () => {
  const event = { kind: 'event', id: 'evt_1', createdAt: daysAgo(1), orderId: ORDER_ID } as const;
  const succeeded = { ...event, observation: intentObserved({ status: 'succeeded' }) };
  const capturing = { ...authorised, requests: [answered('authorise'), open('capture')] };

  it('commits its record with everything that it makes known', () => {
    const change = changeOf(decide({ payment: capturing, record: null, now: NOW }, succeeded, TERMS));
    expect(change).toMatchObject({
      payment: { intentStatus: 'succeeded', capturedAmount: 2400 },
      records: [{ scope: EVENT_SCOPE, key: 'evt_1', subject: ORDER_ID, recoveryPoint: 'finished' }],
      completions: [{ key: operationKey(operationOf('capture')) }],
      replies: [{ payload: { outcome: 'ok' } }],
    });
  });

  it('is recorded too when it tells nothing new, without touching the payment', () => {
    const known = { ...event, observation: intentObserved({ status: 'requires_capture' }) };
    expect(changeOf(decide({ payment: capturing, record: null, now: NOW }, known, TERMS))).toMatchObject({
      payment: null,
      records: [{ key: 'evt_1', outcome: { isOrphan: false } }],
      replies: [],
    });
  });

  it('is recorded as an orphan when no payment is known', () => {
    expect(changeOf(decide(EMPTY, succeeded, TERMS))).toMatchObject({
      payment: null,
      records: [{ subject: ORDER_ID, outcome: { isOrphan: true } }],
    });
  });

  it.each([
    ['repeated', succeeded.observation],
    ['mismatched', { kind: 'rejected' as const }],
  ])('changes nothing the second time, whatever it says then: %s', (kind, observation) => {
    const first = decide({ payment: capturing, record: null, now: NOW }, succeeded, TERMS);
    const state = { payment: changeOf(first).payment, record: recordOf(first), now: NOW };
    expect(decide(state, { ...event, observation }, TERMS)).toEqual({ kind: 'answer', answer: { kind } });
  });

  it('is kept for the retention, and changes nothing when it may have come before that', () => {
    const state = { payment: capturing, record: null, now: NOW };
    expect(changeOf(decide(state, succeeded, TERMS)).records).toMatchObject([{ retentionMs: TERMS.retentionMs }]);
    const old = { ...succeeded, createdAt: daysAgo(34.1) };
    expect(decide(state, old, TERMS)).toEqual({ kind: 'answer', answer: { kind: 'too-old' } });
  });
});
