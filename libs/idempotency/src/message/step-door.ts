import type { Decision } from '../atomic-executor.js';
import { encounter } from '../encounter.js';
import type { Completion, IdempotencyRecord, NewRecord, Outcome } from '../idempotency-record.js';
import type { Lease } from '../phased-executor.js';
import { FINISHED, INTENDED } from '../recovery-point.js';
import { isTooOld } from './too-old.js';

/** Scope of the records of saga commands. */
export const STEP_SCOPE = 'step';

/** A saga command as its participant identifies it: by the operation in its body, never by the broker's message id. */
export interface Step {
  /** Saga, step, direction and generation. */
  readonly key: string;
  readonly fingerprint: string;
  readonly subject: string;
  /** Milliseconds between when the command was minted, by its sender's database, and now, by this one. */
  readonly ageMs: number;
  /** What undoes is accepted at any age: it may be the only thing that gives money back, and its row refuses a second one. */
  readonly isCompensation: boolean;
}

/** Who would hold the lease of a phased step, and for how long. */
export interface LeaseTerms {
  readonly holder: string;
  readonly leaseMs: number;
}

export interface StepTerms {
  /** For phased steps. */
  readonly lease: LeaseTerms;
  /** An action older than this, less a margin, is not begun, whatever queue, backup or operator brought it. */
  readonly retentionMs: number;
}

export type StepAnswer =
  /** The intent is committed and this process holds the lease: the work is to be done. */
  | { readonly kind: 'begin'; readonly lease: Lease }
  /** The reply is on its way. */
  | { readonly kind: 'answered' }
  /** A repeat of a finished step: its reply is on its way again. */
  | { readonly kind: 'repeated' }
  /** Another holder is at work; it will reply. */
  | { readonly kind: 'in-progress' }
  /** The same operation with other business fields: never executed, and worth an alarm. */
  | { readonly kind: 'mismatched' }
  /** An action so old that whatever is known of it may be gone: never executed, and worth a look. */
  | { readonly kind: 'too-old' };

export interface StepWork<Change> {
  /** The step was finished before: its stored outcome is sent again, since the first reply may have been lost. */
  replay(outcome: Outcome): Change;
  /** The step is met for the first time. */
  perform(): StepStart<Change>;
}

export interface StepStart<Change> {
  /** Absent for phased work: the record is then committed with a lease, and the work begins. */
  readonly outcome?: Outcome;
  /** The change that carries the record; both are committed by the same statement or not at all. */
  readonly change: (record: NewRecord) => Change;
}

/** The door through which a saga command enters: the decision for one delivery of one operation. Pure. */
export function decideStep<Change>(
  record: IdempotencyRecord | null,
  step: Step,
  terms: StepTerms,
  work: StepWork<Change>,
): Decision<Change, StepAnswer> {
  const met = encounter(record, step.fingerprint);
  switch (met.kind) {
    case 'mismatched':
    case 'in-progress':
      return { kind: 'answer', answer: { kind: met.kind } };
    case 'finished':
      return { kind: 'change', change: work.replay(met.outcome), answer: { kind: 'repeated' } };
    case 'new': {
      if (!step.isCompensation && isTooOld(step.ageMs, terms.retentionMs)) {
        return { kind: 'answer', answer: { kind: 'too-old' } };
      }
      const { outcome, change } = work.perform();
      const { key, fingerprint, subject } = step;
      const identity = { scope: STEP_SCOPE, key, fingerprint, subject };
      if (outcome !== undefined) {
        const finished = { ...identity, recoveryPoint: FINISHED, outcome };
        return { kind: 'change', change: change(finished), answer: { kind: 'answered' } };
      }
      const lease: Lease = { scope: STEP_SCOPE, key, subject, token: 1 };
      const claimed = { ...identity, recoveryPoint: INTENDED, lease: terms.lease };
      return { kind: 'change', change: change(claimed), answer: { kind: 'begin', lease } };
    }
  }
}

export function completeStep(key: string, outcome: Outcome): Completion {
  return { scope: STEP_SCOPE, key, outcome };
}
