/**
 * What an input means to a saga as it stands: a reply counts for the operation awaited, whichever attempt provoked it; a timer
 * for the attempt it names; an operator's resolution for a parked saga.
 */
import type { ReplyInput, Resolution, SagaInput } from './saga-input.js';
import { awaitedOperation, operationKey } from './saga-instance.js';
import type { Operation, SagaInstance } from './saga-instance.js';
import type { SparseEvent } from './transition.js';

/**
 *   ok, refused, unknown  what became of the awaited operation
 *   timer                 its answer is overdue, or the pause before its next generation is over
 *   late                  a reply that answers nothing awaited
 *   stale                 a timer of an attempt that is not the last one; a resolution of a saga that is not parked
 */
export type Happening = 'ok' | 'refused' | 'unknown' | 'timer' | 'deadline' | 'cancel' | 'late' | 'stale';

export interface Interpretation {
  readonly happening: Happening;
  readonly reason: string;
  /** The line that opens the transition in the timeline; none for a timer, whose attempt speaks for itself. */
  readonly trigger: SparseEvent | null;
}

/** The reasons this library gives itself; all others come from participants and callers. */
export const TIMED_OUT = 'timed_out';
export const RESOLVED_BY_OPERATOR = 'operator';
const UNEXPLAINED = 'unexplained';

export const interpret = (saga: SagaInstance, input: SagaInput): Interpretation => {
  switch (input.kind) {
    case 'reply':
      return interpretReply(saga, input);
    case 'timer': {
      const isDue = isAwaited(saga, input.operation) && input.attempt === saga.attempt;
      return { happening: isDue ? 'timer' : 'stale', reason: TIMED_OUT, trigger: null };
    }
    case 'deadline':
      return { happening: 'deadline', reason: TIMED_OUT, trigger: { event: 'deadline-passed' } };
    case 'cancel': {
      const { reason } = input;
      return { happening: 'cancel', reason, trigger: { event: 'cancel-requested', detail: { reason } } };
    }
    case 'resolve': {
      const { resolution, note, learned } = input;
      const happening = saga.state === 'parked' ? RESOLVED[resolution] : 'stale';
      const { step, direction, generation } = saga;
      const outcome = happening === 'ok' || happening === 'refused' ? happening : null;
      const detail = { resolution, note, ...(learned === undefined ? {} : { learned }) };
      const trigger: SparseEvent = { event: 'resolved', step, direction, generation, outcome, detail };
      return { happening, reason: RESOLVED_BY_OPERATOR, trigger };
    }
  }
};

/** What the operator has established is as good as a reply that says so. */
const RESOLVED: Record<Resolution, Happening> = { applied: 'ok', 'not-applied': 'refused', retry: 'timer' };

const interpretReply = (saga: SagaInstance, { operation, outcome, reason }: ReplyInput): Interpretation => {
  const { step, direction, generation } = operation;
  const isLate = !isAwaited(saga, operation);
  const explained = reason === undefined ? null : { reason };
  const trigger: SparseEvent = {
    event: 'replied',
    step,
    direction,
    generation,
    outcome: isLate ? 'late' : outcome,
    detail: isLate ? { answer: outcome, ...explained } : explained,
  };
  return { happening: isLate ? 'late' : outcome, reason: reason ?? UNEXPLAINED, trigger };
};

const isAwaited = (saga: SagaInstance, operation: Operation): boolean => {
  const awaited = awaitedOperation(saga);
  return awaited !== null && operationKey(awaited) === operationKey(operation);
};
