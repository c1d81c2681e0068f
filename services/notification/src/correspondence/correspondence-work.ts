import { operationKey, stepReply, type Operation, type StepReply } from '@once/contracts';
import {
  completeStep,
  decideStep,
  fingerprintOf,
  type Completion,
  type Decision,
  type IdempotencyRecord,
  type NewRecord,
  type StepAnswer,
  type StepTerms,
} from '@once/idempotency';
import type { Envelope } from '@once/messaging';
import {
  isDecided,
  mailOf,
  requestMail,
  settleMail,
  type Correspondence,
  type MailRequest,
  type Template,
} from './correspondence.js';

export type CorrespondenceInput =
  | { readonly kind: 'request'; readonly request: MailRequest; readonly message: RequestMessage }
  /** What the mail server said, for good. */
  | { readonly kind: 'settled'; readonly orderId: string; readonly template: Template; readonly status: Settled }
  | { readonly kind: 'review'; readonly orderId: string };

type Settled = 'sent' | 'undeliverable';

/** `traceparent`: of the work that handles it. */
type RequestMessage = Pick<Envelope, 'id' | 'mintedAt'> & Traced;

interface Traced {
  readonly traceparent?: string;
}

export interface CorrespondenceState {
  readonly correspondence: Correspondence | null;
  readonly record: IdempotencyRecord | null;
  /** By the database's clock. */
  readonly now: Date;
}

/** What one statement commits for one member of a batch, wholly or not at all. */
export interface CorrespondenceChange {
  /** The next row, with the version it was decided on. */
  readonly correspondence: Correspondence | null;
  readonly records: readonly NewRecord[];
  readonly completions: readonly Completion[];
  readonly replies: readonly Reply[];
}

export interface Reply extends Traced {
  readonly payload: StepReply;
  readonly causationId: string | null;
}

export type CorrespondenceAnswer =
  StepAnswer | { readonly kind: 'known'; readonly correspondence: Correspondence | null };
export type CorrespondenceDecision = Decision<CorrespondenceChange, CorrespondenceAnswer>;

/** The decisions of the notification service: pure, one per input, all on the one row of the order's correspondence. */
export function decide(
  state: CorrespondenceState,
  input: CorrespondenceInput,
  terms: StepTerms,
): CorrespondenceDecision {
  switch (input.kind) {
    case 'request':
      return decideRequest(state, input, terms);
    case 'settled':
      return decideSettled(state.correspondence, input.template, input.status);
    case 'review':
      return { kind: 'answer', answer: { kind: 'known', correspondence: state.correspondence } };
  }
}

function decideRequest(
  { correspondence: stored, record, now }: CorrespondenceState,
  { request, message }: CorrespondenceInput & { readonly kind: 'request' },
  terms: StepTerms,
): CorrespondenceDecision {
  const { operation, ...businessFields } = request;
  const step = {
    key: operationKey(operation),
    fingerprint: fingerprintOf(businessFields),
    subject: subjectOf(request.orderId, request.template),
    ageMs: now.getTime() - Date.parse(message.mintedAt),
    isCompensation: operation.direction === 'compensation',
  };
  return decideStep<CorrespondenceChange>(record, step, terms, {
    replay: (outcome) => ({
      correspondence: null,
      records: [],
      completions: [],
      replies: [{ payload: stepReply.payload.parse(outcome), causationId: message.id, ...traceOf(message) }],
    }),
    perform: () => {
      const next = requestMail(stored, request, message.traceparent);
      const mail = mailOf(next, request.template);
      const own = mail !== null && isDecided(mail) ? replyTo(operation, request.orderId) : undefined;
      const voided = request.template === 'cancelled' ? newlyDecided(stored, next, 'confirmed') : [];
      return {
        ...(own === undefined ? {} : { outcome: own }),
        change: (newRecord) => ({
          correspondence: next,
          records: [newRecord],
          completions: voided.map(completionOf),
          replies: [
            ...voided.map((payload) => ({ payload, causationId: message.id, ...traceOf(message) })),
            ...(own === undefined ? [] : [{ payload: own, causationId: message.id, ...traceOf(message) }]),
          ],
        }),
      };
    },
  });
}

function decideSettled(stored: Correspondence | null, template: Template, status: Settled): CorrespondenceDecision {
  if (stored === null) return { kind: 'answer', answer: { kind: 'known', correspondence: null } };
  const next = settleMail(stored, template, status);
  const answered = newlyDecided(stored, next, template);
  if (next === stored) return { kind: 'answer', answer: { kind: 'known', correspondence: stored } };
  const change: CorrespondenceChange = {
    correspondence: next,
    records: [],
    completions: answered.map(completionOf),
    replies: answered.map((payload) => ({ payload, causationId: null, ...traceOf(mailOf(next, template) ?? {}) })),
  };
  return {
    kind: 'change',
    change,
    answer: { kind: 'known', correspondence: { ...next, version: stored.version + 1 } },
  };
}

/** The replies that become due because a mail was queued before and is decided now. */
function newlyDecided(before: Correspondence | null, after: Correspondence, template: Template): readonly StepReply[] {
  const was = before === null ? null : mailOf(before, template);
  const is = mailOf(after, template);
  if (was === null || is === null || isDecided(was) || !isDecided(is)) return [];
  return was.operations.map((operation) => replyTo(operation, after.orderId));
}

function replyTo(operation: Operation, orderId: string): StepReply {
  return { operation, orderId, outcome: 'ok' };
}

function traceOf({ traceparent }: Traced): Traced {
  return traceparent === undefined ? {} : { traceparent };
}

function completionOf(payload: StepReply): Completion {
  return completeStep(operationKey(payload.operation), payload);
}

/** The mail that a step record is about, as the rescuer finds it. */
export function subjectOf(orderId: string, template: Template): string {
  return `${orderId}/${template}`;
}

export function readSubject(subject: string): { readonly orderId: string; readonly template: Template } {
  const [orderId = '', template = ''] = subject.split('/');
  return { orderId, template: template === 'confirmed' ? 'confirmed' : 'cancelled' };
}

/** One batch holds an order once: two inputs on one row are decided one after the other. */
export function subjectsOf(input: CorrespondenceInput): readonly string[] {
  return [input.kind === 'request' ? input.request.orderId : input.orderId];
}
