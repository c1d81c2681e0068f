import { operationKey, stepReply, type StepReply } from '@once/contracts';
import { STEP_SCOPE, type IdempotencyRecord } from '@once/idempotency';
import { describe, expect, it } from 'vitest';
import { changeOf, recordOf } from '../../test/memory-payments.js';
import {
  answered,
  arriving,
  charge,
  intentObserved,
  MESSAGE,
  MESSAGE_ID,
  NOW,
  open,
  operationOf,
  ORDER_ID,
  paymentWith,
  TERMS,
} from '../../test/payments.js';
import type { Observation } from './observation.js';
import { decide, subjectsOf } from './payment-work.js';
import type { Payment, RequestKind } from './payment.js';
import type { ArrivingRequest } from './request.js';

const EMPTY = { payment: null, record: null, now: NOW };
const daysAgo = (days: number) => new Date(NOW.getTime() - days * 86_400_000).toISOString();

const ask = (kind: RequestKind, payment: Payment | null, record: IdempotencyRecord | null = null) =>
  askWith(arriving(kind), payment, record);
const askWith = (request: ArrivingRequest, payment: Payment | null, record: IdempotencyRecord | null) =>
  decide({ payment, record, now: NOW }, { kind: 'request', request, message: MESSAGE }, TERMS);
const tell = (payment: Payment | null, observation: Observation) =>
  decide({ payment, record: null, now: NOW }, { kind: 'observation', orderId: ORDER_ID, observation }, TERMS);

const authorised = paymentWith({
  intentId: 'pi_1',
  intentStatus: 'requires_capture',
  requests: [answered('authorise')],
});

describe('a command that is met for the first time', () => {
  it('commits its intent, its lease and no reply while the outside is to be asked', () => {
    const decision = ask('authorise', null);
    expect(decision.answer).toEqual({
      kind: 'begin',
      lease: { scope: STEP_SCOPE, key: operationKey(operationOf('authorise')), subject: ORDER_ID, token: 1 },
    });
    expect(changeOf(decision)).toMatchObject({
      payment: { orderId: ORDER_ID, goal: 'collect', charge, version: 0 },
      records: [{ scope: STEP_SCOPE, subject: ORDER_ID, recoveryPoint: 'intended', lease: TERMS.lease }],
      completions: [],
      replies: [],
    });
  });

  it('commits record, outcome and reply together when the payment decides it at once', () => {
    const change = changeOf(ask('return', null));
    const reply: StepReply = {
      operation: operationOf('return'),
      orderId: ORDER_ID,
      outcome: 'ok',
      payment: { status: 'voided', capturedAmount: 0, refundedAmount: 0 },
    };
    expect(change.records).toMatchObject([{ recoveryPoint: 'finished', outcome: reply }]);
    expect(change.replies).toEqual([{ payload: reply, causationId: MESSAGE_ID }]);
    expect(change.payment).toMatchObject({ goal: 'return', requests: [answered('return')] });
  });

  it('answers what it decides for others: a return decides the authorisation that waits for an intent', () => {
    const waiting = paymentWith({ requests: [open('authorise')] });
    const change = changeOf(ask('return', waiting));
    expect(change.completions).toMatchObject([
      {
        scope: STEP_SCOPE,
        key: operationKey(operationOf('authorise')),
        outcome: { outcome: 'refused', reason: 'returned' },
      },
    ]);
    expect(
      change.replies.map(({ payload, causationId }) => [payload.operation.direction, payload.outcome, causationId]),
    ).toEqual([
      ['action', 'refused', null],
      ['compensation', 'ok', MESSAGE_ID],
    ]);
  });

  it('is decided on the row as it was loaded, and says which version that was', () => {
    expect(changeOf(ask('capture', { ...authorised, version: 7 })).payment?.version).toBe(7);
  });
});

describe('a command that is older than what is remembered', () => {
  const message = { ...MESSAGE, mintedAt: daysAgo(34.1) };

  it.each(['authorise', 'capture'] as const)('is not begun when it takes money: %s', (kind) => {
    const input = { kind: 'request', request: arriving(kind), message } as const;
    expect(decide(EMPTY, input, TERMS)).toEqual({ kind: 'answer', answer: { kind: 'too-old' } });
  });

  it.each(['compensation', 'action'] as const)('gives money back all the same, as an %s of its saga', (direction) => {
    const request = arriving('return', { operation: operationOf('return', { direction }) });
    expect(changeOf(decide(EMPTY, { kind: 'request', request, message }, TERMS))).toMatchObject({
      payment: { goal: 'return' },
    });
  });
});

describe('a command that comes again', () => {
  const capturing = ask('capture', authorised);

  it('while its work is under way is left to the holder of the lease', () => {
    const decision = ask('capture', changeOf(capturing).payment, recordOf(capturing));
    expect(decision).toEqual({ kind: 'answer', answer: { kind: 'in-progress' } });
  });

  it('after it was answered gets the same reply again and changes nothing else', () => {
    const returned = ask('return', null);
    const repeat = ask('return', changeOf(returned).payment, recordOf(returned));
    const [reply] = changeOf(returned).replies;
    expect(repeat).toEqual({
      kind: 'change',
      change: {
        payment: null,
        records: [],
        completions: [],
        replies: [{ payload: reply?.payload, causationId: MESSAGE_ID }],
      },
      answer: { kind: 'repeated' },
    });
  });

  it('with another amount is refused whatever became of it', () => {
    const first = ask('authorise', null);
    const other = arriving('authorise', { charge: { ...charge, amount: 1 } });
    const record = recordOf(first);
    for (const met of [record, { ...record, outcome: {} }]) {
      expect(askWith(other, changeOf(first).payment, met)).toMatchObject({
        kind: 'answer',
        answer: { kind: 'mismatched' },
      });
    }
  });
});

describe('an observation', () => {
  it('completes every record that it decides and writes their replies, in one change', () => {
    const known = paymentWith({
      intentId: 'pi_1',
      intentStatus: 'requires_confirmation',
      requests: [
        open('authorise'),
        { kind: 'authorise', operation: operationOf('authorise', { generation: 2 }), isAnswered: false },
        open('capture'),
      ],
    });
    const change = changeOf(tell(known, intentObserved({ status: 'requires_capture' })));
    const keys = [1, 2].map((generation) => operationKey(operationOf('authorise', { generation })));
    expect(change.completions.map(({ scope, key }) => [scope, key])).toEqual(keys.map((key) => [STEP_SCOPE, key]));
    expect(change.replies.map(({ payload }) => [operationKey(payload.operation), payload.outcome])).toEqual(
      keys.map((key) => [key, 'ok']),
    );
    expect(change.records).toEqual([]);
    expect(change.payment?.requests.map(({ isAnswered }) => isAnswered)).toEqual([true, true, false]);
  });

  it('says what the payment is after its commit', () => {
    const decision = tell({ ...authorised, version: 4 }, intentObserved({ status: 'succeeded' }));
    expect(changeOf(decision).payment?.version).toBe(4);
    expect(decision.answer).toMatchObject({ kind: 'known', payment: { intentStatus: 'succeeded', version: 5 } });
  });

  it.each([
    ['a stray intent', intentObserved({ id: 'pi_stray', status: 'succeeded' })],
    ['what is known already', intentObserved({ status: 'requires_capture' })],
    ['what is long past', intentObserved({ status: 'requires_confirmation' })],
    ['the failure of an earlier generation', { kind: 'stuck' as const, call: 'capture' as const, generation: 0 }],
  ])('of %s changes nothing', (_name, observation) => {
    expect(tell(authorised, observation)).toEqual({ kind: 'answer', answer: { kind: 'known', payment: authorised } });
  });

  it('of a payment that nobody asked for changes nothing', () => {
    expect(tell(null, intentObserved())).toEqual({ kind: 'answer', answer: { kind: 'known', payment: null } });
  });

  it('tells why in the reply, and how the money stands', () => {
    const known = paymentWith({ intentId: 'pi_1', goal: 'return', reason: 'card_declined' });
    const [reply] = changeOf(tell(known, intentObserved({ status: 'canceled' }))).replies;
    expect(stepReply.payload.parse(reply?.payload)).toEqual({
      operation: operationOf('authorise'),
      orderId: ORDER_ID,
      outcome: 'refused',
      reason: 'card_declined',
      payment: { status: 'declined', capturedAmount: 0, refundedAmount: 0 },
    });
  });
});

describe('a review', () => {
  const review = (payment: Payment | null) =>
    decide({ payment, record: null, now: NOW }, { kind: 'review', orderId: ORDER_ID }, TERMS);

  it('says what is known', () => {
    expect(review(authorised)).toEqual({ kind: 'answer', answer: { kind: 'known', payment: authorised } });
    expect(review(null)).toEqual({ kind: 'answer', answer: { kind: 'known', payment: null } });
  });

  it('answers what the payment decides by now', () => {
    const waiting = { ...authorised, requests: [open('authorise')] };
    expect(changeOf(review(waiting)).replies).toMatchObject([{ payload: { outcome: 'ok' }, causationId: null }]);
  });
});

describe('the inputs about one order', () => {
  it('are about one subject, so that no batch holds two of them', () => {
    const inputs = [
      { kind: 'request', request: arriving('capture'), message: MESSAGE },
      { kind: 'observation', orderId: ORDER_ID, observation: intentObserved() },
      { kind: 'event', id: 'evt_1', createdAt: daysAgo(1), orderId: ORDER_ID, observation: intentObserved() },
      { kind: 'review', orderId: ORDER_ID },
    ] as const;
    expect(inputs.map((input) => subjectsOf(input))).toEqual([[ORDER_ID], [ORDER_ID], [ORDER_ID], [ORDER_ID]]);
  });
});
