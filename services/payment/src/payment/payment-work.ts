import { isDeepStrictEqual } from 'node:util';
import { operationKey, stepReply, type StepReply } from '@once/contracts';
import {
  completeStep,
  decideEvent,
  decideStep,
  fingerprintOf,
  type Completion,
  type Decision,
  type EventAnswer,
  type IdempotencyRecord,
  type Lease,
  type NewRecord,
  type StepAnswer,
  type StepTerms,
} from '@once/idempotency';
import type { Envelope } from '@once/messaging';
import { traceOf, type Traced } from '@once/service-kit';
import { observe, type Observation } from './observation.js';
import { snapshotOf, type Payment, type PaymentRequest } from './payment.js';
import { accept, answerRequests, undecidedRequests, type AnsweredRequest, type ArrivingRequest } from './request.js';

export type PaymentInput =
  | { readonly kind: 'request'; readonly request: ArrivingRequest; readonly message: RequestMessage }
  | { readonly kind: 'observation'; readonly orderId: string; readonly observation: Observation }
  /** An observation that the provider sends by itself, under an id of its own. */
  | {
      readonly kind: 'event';
      readonly id: string;
      /** By the provider's clock. */
      readonly createdAt: string;
      readonly orderId: string;
      readonly observation: Observation;
    }
  /** Nothing new is known: what is the payment, and does it answer anything by now? */
  | { readonly kind: 'review'; readonly orderId: string };

/** `traceparent`: of the work that handles it. */
type RequestMessage = Pick<Envelope, 'id' | 'mintedAt'> & Traced;

export interface PaymentState {
  readonly payment: Payment | null;
  readonly record: IdempotencyRecord | null;
  /** By the database's clock. */
  readonly now: Date;
}

/** What one statement commits for one member of a batch, wholly or not at all. */
export interface PaymentChange {
  /** The next row, with the version it was decided on. */
  readonly payment: Payment | null;
  readonly records: readonly NewRecord[];
  readonly completions: readonly Completion[];
  readonly replies: readonly Reply[];
}

export interface Reply extends Traced {
  readonly payload: StepReply;
  readonly causationId: string | null;
}

export type PaymentAnswer =
  | StepAnswer
  | EventAnswer
  | { readonly kind: 'known'; readonly payment: Payment | null }
  /** It was told that nothing decides so far, and asks again: look again, and tell what is found. */
  | { readonly kind: 'asked-again'; readonly lease: Lease };
export type PaymentDecision = Decision<PaymentChange, PaymentAnswer>;

/** The decisions of the payment service: pure, one per input, all on the one row of the order's payment. */
export function decide(state: PaymentState, input: PaymentInput, terms: StepTerms): PaymentDecision {
  switch (input.kind) {
    case 'request':
      return decideRequest(state, input, terms);
    case 'observation':
      return decideKnowledge(state.payment, (payment) => observe(payment, input.observation));
    case 'event':
      return decideProviderEvent(state, input, terms.retentionMs);
    case 'review':
      return decideKnowledge(state.payment, (payment) => payment);
  }
}

function decideRequest(
  { payment: stored, record, now }: PaymentState,
  { request, message }: PaymentInput & { readonly kind: 'request' },
  terms: StepTerms,
): PaymentDecision {
  const { operation, ...businessFields } = request;
  const step = {
    key: operationKey(operation),
    fingerprint: fingerprintOf(businessFields),
    subject: request.orderId,
    ageMs: ageOf(message.mintedAt, now),
    // In the refund saga it is an action by name; it gives money back all the same, and the payment's goal refuses a second.
    isCompensation: request.kind === 'return',
  };
  const decision = decideStep<PaymentChange>(record, step, terms, {
    replay: (outcome) => ({
      payment: null,
      records: [],
      completions: [],
      replies: [{ payload: stepReply.payload.parse(outcome), causationId: message.id, ...traceOf(message) }],
    }),
    perform: () => {
      const { payment, answered } = answerRequests(accept(stored, request, message));
      const own = answered.find((answer) => operationKey(answer.operation) === step.key);
      const others = answered.filter((answer) => answer !== own);
      return {
        ...(own === undefined ? {} : { outcome: replyOf(payment, own) }),
        change: (newRecord) => ({
          payment,
          records: [newRecord],
          completions: others.map((answer) => completionOf(payment, answer)),
          replies: answered.map((answer) => ({
            payload: replyOf(payment, answer),
            causationId: answer === own ? message.id : null,
            ...traceOf(answer),
          })),
        }),
      };
    },
  });
  return decision.answer.kind === 'in-progress' ? (askAgain(stored, record) ?? decision) : decision;
}

/** Who was told that nothing decides hears of it once; who asks again is to hear again, and soon. */
function askAgain(payment: Payment | null, record: IdempotencyRecord | null): PaymentDecision | null {
  if (payment === null || payment.undecided === null || record === null) return null;
  const { scope, key, subject, leaseToken: token } = record;
  const change = { ...NOTHING_LEARNED, payment: { ...payment, undecided: null } };
  return { kind: 'change', change, answer: { kind: 'asked-again', lease: { scope, key, subject, token } } };
}

/** An event counts once by its sender's id, also one about an order that has no payment (yet). */
function decideProviderEvent(
  { payment, record, now }: PaymentState,
  { id, createdAt, orderId, observation }: PaymentInput & { readonly kind: 'event' },
  retentionMs: number,
): PaymentDecision {
  const event = { id, fingerprint: fingerprintOf(observation), subject: orderId, ageMs: ageOf(createdAt, now) };
  return decideEvent<PaymentChange>(record, event, retentionMs, (newRecord) => {
    const learned = decideKnowledge(payment, (known) => observe(known, observation));
    const change = learned.kind === 'change' ? learned.change : NOTHING_LEARNED;
    return { ...change, records: [{ ...newRecord, outcome: { isOrphan: payment === null } }] };
  });
}

const NOTHING_LEARNED: PaymentChange = { payment: null, records: [], completions: [], replies: [] };

/**
 * An observation completes every step record that it decides and writes their replies, in the same statement. One that
 * decides nothing is told to those who wait, whose records stay open.
 */
function decideKnowledge(stored: Payment | null, learn: (payment: Payment) => Payment): PaymentDecision {
  if (stored === null) return { kind: 'answer', answer: { kind: 'known', payment: null } };
  const { payment, answered } = answerRequests(learn(stored));
  if (isDeepStrictEqual(payment, stored)) {
    return { kind: 'answer', answer: { kind: 'known', payment: stored } };
  }
  const change: PaymentChange = {
    payment,
    records: [],
    completions: answered.map((request) => completionOf(payment, request)),
    replies: [
      ...answered.map((request) => ({ payload: replyOf(payment, request), ...traceOf(request) })),
      ...undecidedRequests(stored, payment).map((request) => ({
        payload: undecidedReplyOf(payment, request),
        ...traceOf(request),
      })),
    ].map((reply) => ({ ...reply, causationId: null })),
  };
  return { kind: 'change', change, answer: { kind: 'known', payment: { ...payment, version: stored.version + 1 } } };
}

function completionOf(payment: Payment, request: AnsweredRequest): Completion {
  return completeStep(operationKey(request.operation), replyOf(payment, request));
}

function replyOf(payment: Payment, { operation, answer }: AnsweredRequest): StepReply {
  return { operation, orderId: payment.orderId, ...answer, payment: snapshotOf(payment) };
}

function ageOf(time: string, now: Date): number {
  return now.getTime() - Date.parse(time);
}

function undecidedReplyOf(payment: Payment, { operation }: PaymentRequest): StepReply {
  const { orderId, undecided } = payment;
  return { operation, orderId, outcome: 'unknown', reason: undecided ?? undefined, payment: snapshotOf(payment) };
}

/** One batch holds an order once: two inputs on one row are decided one after the other. */
export function subjectsOf(input: PaymentInput): readonly string[] {
  return [input.kind === 'request' ? input.request.orderId : input.orderId];
}
