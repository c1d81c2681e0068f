import { operationKey, stepReply } from '@once/contracts';
import { fingerprintOf, type IdempotencyRecord } from '@once/idempotency';
import { describe, expect, it } from 'vitest';
import {
  answered,
  arriving,
  intentObserved,
  MESSAGE,
  NOW,
  open,
  operationOf,
  ORDER_ID,
  paymentWith,
  TERMS,
} from '../../test/payments.js';
import type { Observation } from './observation.js';
import { decide, type PaymentChange, type PaymentDecision } from './payment-work.js';
import type { Payment, RequestKind } from './payment.js';

const ask = (kind: RequestKind, payment: Payment | null) =>
  decide({ payment, record: null, now: NOW }, { kind: 'request', request: arriving(kind), message: MESSAGE }, TERMS);
const tell = (payment: Payment | null, observation: Observation) =>
  decide({ payment, record: null, now: NOW }, { kind: 'observation', orderId: ORDER_ID, observation }, TERMS);

const changeOf = (decision: PaymentDecision): PaymentChange => {
  if (decision.kind !== 'change') throw new Error(`nothing changes: ${JSON.stringify(decision.answer)}`);
  return decision.change;
};

const authorised = paymentWith({
  intentId: 'pi_1',
  intentStatus: 'requires_capture',
  requests: [answered('authorise')],
});

describe('an observation that decides nothing', () => {
  const waiting = { ...authorised, requests: [answered('authorise'), open('capture')] };
  const undecided = { kind: 'undecided', reason: 'capture_refused' } as const;

  it('is told to those who wait, whose records stay open', () => {
    const change = changeOf(tell(waiting, undecided));
    expect(change).toMatchObject({ payment: { undecided: 'capture_refused' }, records: [], completions: [] });
    expect(change.replies).toMatchObject([
      { payload: { operation: operationOf('capture'), outcome: 'unknown', reason: 'capture_refused' } },
    ]);
    expect(stepReply.payload.parse(change.replies[0]?.payload)).toEqual(change.replies[0]?.payload);
  });

  it('is told once', () => {
    const { payment } = changeOf(tell(waiting, undecided));
    expect(tell(payment, undecided).kind).toBe('answer');
    expect(changeOf(tell(payment, { ...undecided, reason: 'look_up_refused' })).replies).toHaveLength(1);
  });

  it('is told again to who asks again, for whom the provider is looked at soon', () => {
    const { payment } = changeOf(tell(waiting, undecided));
    const step = arriving('capture');
    const { operation, ...businessFields } = step;
    const record: IdempotencyRecord = {
      scope: 'step',
      key: operationKey(operation),
      fingerprint: fingerprintOf(businessFields),
      subject: ORDER_ID,
      recoveryPoint: 'intended',
      leaseToken: 4,
      isLeaseLive: true,
      ageMs: 60_000,
      outcome: null,
    };
    const asking = { kind: 'request', request: step, message: MESSAGE } as const;
    const again = decide({ payment, record, now: NOW }, asking, TERMS);
    expect(again.answer).toEqual({
      kind: 'asked-again',
      lease: { scope: 'step', key: record.key, subject: ORDER_ID, token: 4 },
    });
    expect(changeOf(again)).toMatchObject({ payment: { undecided: null }, records: [], completions: [], replies: [] });
    expect(changeOf(tell(changeOf(again).payment, undecided)).replies).toHaveLength(1);

    // As long as nobody was told anything, the one who is at work will tell.
    expect(decide({ payment: waiting, record, now: NOW }, asking, TERMS)).toEqual({
      kind: 'answer',
      answer: { kind: 'in-progress' },
    });
  });

  it('is of no interest when everybody was answered', () => {
    expect(tell(authorised, undecided).kind).toBe('answer');
  });

  it('is forgotten when something decides, and when something else is asked', () => {
    const { payment } = changeOf(tell(waiting, undecided));
    const succeeded = changeOf(tell(payment, intentObserved({ status: 'succeeded' })));
    expect(succeeded.payment?.undecided).toBeNull();
    expect(succeeded.replies).toMatchObject([{ payload: { outcome: 'ok' } }]);
    expect(changeOf(ask('return', payment)).payment?.undecided).toBeNull();
  });
});
