import { operationKey, stepReply, type StepReply } from '@once/contracts';
import { STEP_SCOPE, type IdempotencyRecord } from '@once/idempotency';
import { describe, expect, it } from 'vitest';
import {
  ATTEMPT_ID,
  correspondenceWith,
  mailFor,
  MESSAGE,
  MESSAGE_ID,
  NOW,
  operationOf,
  ORDER_ID,
  requestFor,
  TERMS,
} from '../../test/mails.js';
import type { SendResult } from '../channel/mail-channel.js';
import {
  decide,
  readSubject,
  subjectOf,
  subjectsOf,
  type Attempt,
  type CorrespondenceChange,
  type CorrespondenceDecision,
  type CorrespondenceState,
} from './correspondence-work.js';
import { TEMPLATES, type Correspondence, type MailRequest, type Template } from './correspondence.js';

const stateWith = (fields: Partial<CorrespondenceState>): CorrespondenceState => ({
  correspondence: null,
  record: null,
  unknownAttempts: 0,
  now: NOW,
  ...fields,
});
const ask = (request: MailRequest, correspondence: Correspondence | null, record: IdempotencyRecord | null = null) =>
  decide(stateWith({ correspondence, record }), { kind: 'request', request, message: MESSAGE }, TERMS);

const attemptAt = (template: Template): Attempt => ({ id: ATTEMPT_ID, orderId: ORDER_ID, template });
const attempt = (correspondence: Correspondence | null, template: Template, unknownAttempts = 0) =>
  decide(
    stateWith({ correspondence, unknownAttempts }),
    { kind: 'attempt', isFirst: true, ...attemptAt(template) },
    TERMS,
  );
const attempted = (correspondence: Correspondence | null, template: Template, outcome: SendResult) =>
  decide(stateWith({ correspondence }), { kind: 'attempted', ...attemptAt(template), outcome }, TERMS);

const changeOf = (decision: CorrespondenceDecision): CorrespondenceChange => {
  if (decision.kind !== 'change') throw new Error(`nothing changes: ${JSON.stringify(decision.answer)}`);
  return decision.change;
};

/** The record that a request left, as it is loaded later. */
const recordOf = (decision: CorrespondenceDecision): IdempotencyRecord => {
  const [record] = changeOf(decision).records;
  if (record === undefined) throw new Error('the change has no record');
  return { ...record, outcome: record.outcome ?? null, leaseToken: 1, isLeaseLive: true, ageMs: 0 };
};

const okTo = (template: Template, generation = 1): StepReply => ({
  operation: operationOf(template, { generation }),
  orderId: ORDER_ID,
  outcome: 'ok',
});
const completionOf = (reply: StepReply) => ({ scope: STEP_SCOPE, key: operationKey(reply.operation), outcome: reply });

describe('a request that is met for the first time', () => {
  it('commits the mail and its lease, and no reply before it is sent', () => {
    const decision = ask(requestFor('confirmed'), null);
    expect(decision.answer).toMatchObject({ kind: 'begin', lease: { subject: `${ORDER_ID}/confirmed`, token: 1 } });
    expect(changeOf(decision)).toMatchObject({
      correspondence: { confirmation: { status: 'queued' }, version: 0 },
      records: [{ subject: `${ORDER_ID}/confirmed`, recoveryPoint: 'intended', lease: TERMS.lease }],
      completions: [],
      replies: [],
    });
  });

  it('is not begun when it is older than what is remembered', () => {
    const message = { ...MESSAGE, mintedAt: '2025-11-29T00:00:00.000Z' };
    const input = { kind: 'request', request: requestFor('confirmed'), message } as const;
    expect(decide(stateWith({}), input, TERMS)).toEqual({
      kind: 'answer',
      answer: { kind: 'too-old' },
    });
  });

  it('answers at once when the mail is decided already', () => {
    const sent = correspondenceWith({ confirmation: mailFor('confirmed', { status: 'sent' }) });
    const decision = ask(requestFor('confirmed', { operation: operationOf('confirmed', { generation: 2 }) }), sent);
    expect(decision.answer).toEqual({ kind: 'answered' });
    expect(changeOf(decision)).toMatchObject({
      records: [{ recoveryPoint: 'finished', outcome: okTo('confirmed', 2) }],
      replies: [{ payload: okTo('confirmed', 2), causationId: MESSAGE_ID }],
    });
  });

  it('of a cancellation ends the confirmation that it voids, for everybody who asked for that', () => {
    const operations = [1, 2].map((generation) => operationOf('confirmed', { generation }));
    const queued = correspondenceWith({ confirmation: mailFor('confirmed', { operations }) });
    const decision = ask(requestFor('cancelled'), queued);
    expect(decision.answer.kind).toBe('begin');
    expect(changeOf(decision)).toMatchObject({
      correspondence: { confirmation: { status: 'voided' }, cancellation: { status: 'queued' } },
      completions: [completionOf(okTo('confirmed', 1)), completionOf(okTo('confirmed', 2))],
      replies: [{ payload: okTo('confirmed', 1) }, { payload: okTo('confirmed', 2) }],
    });
  });

  it('of a confirmation after the cancellation is answered without a mail', () => {
    const cancelled = correspondenceWith({ cancellation: mailFor('cancelled') });
    const decision = ask(requestFor('confirmed'), cancelled);
    expect(decision.answer).toEqual({ kind: 'answered' });
    expect(changeOf(decision)).toMatchObject({
      correspondence: { confirmation: { status: 'voided' } },
      completions: [],
      replies: [{ payload: okTo('confirmed') }],
    });
  });
});

describe('a request that comes again', () => {
  const first = ask(requestFor('confirmed'), null);

  it('while the mail is under way is left to the holder of the lease', () => {
    expect(ask(requestFor('confirmed'), changeOf(first).correspondence, recordOf(first))).toEqual({
      kind: 'answer',
      answer: { kind: 'in-progress' },
    });
  });

  it('after it was answered gets the same reply and changes nothing else', () => {
    const record = { ...recordOf(first), outcome: okTo('confirmed') };
    expect(ask(requestFor('confirmed'), changeOf(first).correspondence, record)).toEqual({
      kind: 'change',
      change: {
        correspondence: null,
        records: [],
        completions: [],
        replies: [{ payload: okTo('confirmed'), causationId: MESSAGE_ID }],
        attempts: [],
        endedAttempts: [],
      },
      answer: { kind: 'repeated' },
    });
  });

  it.each([{ to: 'eve@example.com' }, { amount: 1 }, { currency: 'USD' }])('with %o is refused', (fields) => {
    const other = requestFor('confirmed', fields);
    expect(ask(other, changeOf(first).correspondence, recordOf(first))).toMatchObject({
      kind: 'answer',
      answer: { kind: 'mismatched' },
    });
  });
});

describe('what the mail server said', () => {
  it.each(['sent', 'undeliverable'] as const)(
    'ends the step as ok when the mail is %s: it changes no money',
    (status) => {
      const operations = [1, 2].map((generation) => operationOf('cancelled', { generation }));
      const queued = correspondenceWith({ cancellation: mailFor('cancelled', { operations }), version: 3 });
      const decision = attempted(queued, 'cancelled', status);
      const change = changeOf(decision);
      expect(change).toMatchObject({
        correspondence: { cancellation: { status }, version: 3 },
        records: [],
        completions: [completionOf(okTo('cancelled', 1)), completionOf(okTo('cancelled', 2))],
        endedAttempts: [{ ...attemptAt('cancelled'), outcome: status }],
      });
      expect(change.replies.map(({ payload }) => stepReply.payload.parse(payload))).toEqual([
        okTo('cancelled', 1),
        okTo('cancelled', 2),
      ]);
      expect(decision.answer).toMatchObject({ kind: 'known', correspondence: { version: 4 } });
    },
  );

  it.each<[string, SendResult, Correspondence | null]>([
    ['that it may take later', 'deferred', correspondenceWith({ confirmation: mailFor('confirmed') })],
    ['that it may have taken', 'unknown', correspondenceWith({ confirmation: mailFor('confirmed') })],
    [
      'that was voided while it was under way',
      'sent',
      correspondenceWith({ confirmation: mailFor('confirmed', { status: 'voided' }) }),
    ],
    ['that nobody asked for', 'sent', null],
  ])('of a mail %s is written down, and answers nobody', (_name, outcome, correspondence) => {
    expect(attempted(correspondence, 'confirmed', outcome)).toEqual({
      kind: 'change',
      change: {
        correspondence: null,
        records: [],
        completions: [],
        replies: [],
        attempts: [],
        endedAttempts: [{ ...attemptAt('confirmed'), outcome }],
      },
      answer: { kind: 'known', correspondence },
    });
  });
});

describe('an attempt at a mail', () => {
  const queued = correspondenceWith({ confirmation: mailFor('confirmed') });

  it('is written down before it is made, and changes nothing else', () => {
    expect(attempt(queued, 'confirmed')).toEqual({
      kind: 'change',
      change: {
        correspondence: null,
        records: [],
        completions: [],
        replies: [],
        attempts: [{ ...attemptAt('confirmed'), version: queued.version }],
        endedAttempts: [],
      },
      answer: { kind: 'send', mail: mailFor('confirmed'), mayBeCopy: false },
    });
  });

  it('may bring a copy when an earlier one may have arrived', () => {
    expect(attempt(queued, 'confirmed', 1).answer).toMatchObject({ kind: 'send', mayBeCopy: true });
  });

  it.each<[string, Correspondence | null]>([
    ['sent', correspondenceWith({ confirmation: mailFor('confirmed', { status: 'sent' }) })],
    ['voided', correspondenceWith({ confirmation: mailFor('confirmed', { status: 'voided' }) })],
    ['given up', correspondenceWith({ confirmation: mailFor('confirmed', { status: 'undeliverable' }) })],
    ['asked for by nobody', null],
  ])('is not made when the mail is %s', (_name, correspondence) => {
    expect(attempt(correspondence, 'confirmed')).toEqual({
      kind: 'answer',
      answer: { kind: 'known', correspondence },
    });
  });
});

describe('the subject of a step', () => {
  it.each(TEMPLATES)('leads a rescuer back to the mail (%s)', (template) => {
    expect(readSubject(subjectOf(ORDER_ID, template))).toEqual({ orderId: ORDER_ID, template });
  });

  it('is the order for a batch, so that no batch holds two inputs of one order', () => {
    const inputs = [
      { kind: 'request', request: requestFor('confirmed'), message: MESSAGE },
      { kind: 'attempt', isFirst: true, ...attemptAt('cancelled') },
      { kind: 'attempted', ...attemptAt('cancelled'), outcome: 'sent' },
    ] as const;
    expect(inputs.map((input) => subjectsOf(input))).toEqual([[ORDER_ID], [ORDER_ID], [ORDER_ID]]);
  });
});
