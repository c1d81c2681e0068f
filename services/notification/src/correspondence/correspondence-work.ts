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
import { traceOf, type Traced } from '@once/service-kit';
import type { SendResult } from '../channel/mail-channel.js';
import {
  isDecided,
  mailOf,
  requestMail,
  settleMail,
  type Correspondence,
  type Mail,
  type MailRequest,
  type Template,
} from './correspondence.js';

export type CorrespondenceInput =
  | { readonly kind: 'request'; readonly request: MailRequest; readonly message: RequestMessage }
  /** A mail is about to be sent; `isFirst`: by whoever has just committed its request, so nobody has tried before. */
  | ({ readonly kind: 'attempt'; readonly isFirst: boolean } & Attempt)
  /** What became of that. */
  | ({ readonly kind: 'attempted' } & EndedAttempt);

/** One send of one mail. */
export interface Attempt {
  readonly id: string;
  readonly orderId: string;
  readonly template: Template;
}

export interface BegunAttempt extends Attempt {
  /** Of the correspondence as it was when the mail was to be sent. */
  readonly version: number;
}

export interface EndedAttempt extends Attempt {
  readonly outcome: SendResult;
}

/** `traceparent`: of the work that handles it. */
type RequestMessage = Pick<Envelope, 'id' | 'mintedAt'> & Traced;

export interface CorrespondenceState {
  readonly correspondence: Correspondence | null;
  readonly record: IdempotencyRecord | null;
  /** Earlier attempts at the mail of this input that may have arrived, as nobody knows what became of them. */
  readonly unknownAttempts: number;
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
  /** Rows of the send ledger. */
  readonly attempts: readonly BegunAttempt[];
  readonly endedAttempts: readonly EndedAttempt[];
}

export interface Reply extends Traced {
  readonly payload: StepReply;
  readonly causationId: string | null;
}

export type CorrespondenceAnswer =
  | StepAnswer
  /** The attempt is on record: now it may be sent. */
  | { readonly kind: 'send'; readonly mail: Mail; readonly mayBeCopy: boolean }
  | { readonly kind: 'known'; readonly correspondence: Correspondence | null };
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
    case 'attempt':
      return decideAttempt(state, input);
    case 'attempted':
      return decideAttempted(state.correspondence, input);
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
      ...NOTHING,
      replies: [{ payload: stepReply.payload.parse(outcome), causationId: message.id, ...traceOf(message) }],
    }),
    perform: () => {
      const next = requestMail(stored, request, message);
      const mail = mailOf(next, request.template);
      const own = mail !== null && isDecided(mail) ? replyTo(operation, request.orderId) : undefined;
      const voided = request.template === 'cancelled' ? newlyDecided(stored, next, 'confirmed') : [];
      return {
        ...(own === undefined ? {} : { outcome: own }),
        change: (newRecord) => ({
          ...NOTHING,
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

function decideAttempt(
  { correspondence, unknownAttempts }: CorrespondenceState,
  { id, orderId, template }: Attempt,
): CorrespondenceDecision {
  const mail = correspondence === null ? null : mailOf(correspondence, template);
  if (correspondence === null || mail === null || isDecided(mail)) {
    return { kind: 'answer', answer: { kind: 'known', correspondence } };
  }
  return {
    kind: 'change',
    change: { ...NOTHING, attempts: [{ id, orderId, template, version: correspondence.version }] },
    answer: { kind: 'send', mail, mayBeCopy: unknownAttempts > 0 },
  };
}

function decideAttempted(
  stored: Correspondence | null,
  { id, orderId, template, outcome }: EndedAttempt,
): CorrespondenceDecision {
  const ended = { ...NOTHING, endedAttempts: [{ id, orderId, template, outcome }] };
  const isFinal = outcome === 'sent' || outcome === 'undeliverable';
  const next = stored === null || !isFinal ? stored : settleMail(stored, template, outcome);
  if (stored === null || next === null || next === stored) {
    return { kind: 'change', change: ended, answer: { kind: 'known', correspondence: stored } };
  }
  const answered = newlyDecided(stored, next, template);
  const change: CorrespondenceChange = {
    ...ended,
    correspondence: next,
    completions: answered.map(completionOf),
    replies: answered.map((payload) => ({ payload, causationId: null, ...traceOf(mailOf(next, template) ?? {}) })),
  };
  return {
    kind: 'change',
    change,
    answer: { kind: 'known', correspondence: { ...next, version: stored.version + 1 } },
  };
}

const NOTHING: CorrespondenceChange = {
  correspondence: null,
  records: [],
  completions: [],
  replies: [],
  attempts: [],
  endedAttempts: [],
};

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
