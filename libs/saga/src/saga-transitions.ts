/**
 * What a saga does with what happens to it: one table of pure rules.
 *
 * Guarantees, for any sequence of inputs, repeated, reordered or late:
 * - at most one operation is under way, and only its own reply moves the saga;
 * - a timeout asks again for the same operation and decides nothing;
 * - compensations, and steps after the pivot, end by success only; a definite no gives them their next generation;
 * - a saga reaches its pivot or is undone, never both, and each at most once.
 *
 * The caller loads a saga, applies one input, and commits the whole transition on condition of the saga's version.
 */
import { findStep } from './saga-definition.js';
import type { SagaDefinition, SagaStep } from './saga-definition.js';
import { interpret } from './saga-happening.js';
import type { Happening, Interpretation } from './saga-happening.js';
import type { LocalRefusal, SagaInput } from './saga-input.js';
import { isClosed } from './saga-instance.js';
import type { ClosedState, Phase, SagaInstance } from './saga-instance.js';
import { phaseAt, TransitionDraft } from './transition-draft.js';
import { ignored } from './transition.js';
import type { Transition } from './transition.js';
import { parkUnreadable } from './unreadable-saga.js';

export interface SagaStart {
  readonly id: string;
  readonly subjectId: string;
  readonly reason?: string;
  /** A local step, among those the saga begins with, which the caller finds it cannot do. */
  readonly localRefusal?: LocalRefusal;
}

/** The first transition; its `next` has version 1 and is inserted. */
export const startSaga = (definition: SagaDefinition, start: SagaStart): Transition => {
  const [first] = definition.steps;
  if (first === undefined) throw new Error(`saga ${definition.name} has no steps`);
  const reason = start.reason ?? null;
  const saga: SagaInstance = {
    id: start.id,
    subjectId: start.subjectId,
    definition: definition.name,
    definitionVersion: definition.version,
    state: phaseAt(first, 'action'),
    step: first.name,
    direction: 'action',
    generation: 1,
    attempt: 0,
    reason,
    parkedReason: null,
    version: 0,
  };
  const started = new TransitionDraft(definition, saga, start.localRefusal)
    .record({ event: 'started', detail: reason === null ? null : { reason } })
    .goForward(0)
    .finish('moved');
  return { ...started, giveUpAfterMs: started.next.state === 'running' ? definition.timing.giveUpAfterMs : null };
};

/** What `input` does to a saga that exists. A position the definition does not have parks it: guessing could pay twice. */
export const transition = (definition: SagaDefinition, saga: SagaInstance, input: SagaInput): Transition => {
  const step = findStep(definition, saga.step);
  if (step === undefined) {
    return parkUnreadable(saga, `${definition.name} ${definition.version} has no step ${saga.step}`);
  }
  const interpretation = interpret(saga, input);
  const state = isClosed(saga.state) ? saga.state : phaseAt(step, saga.direction);
  return TABLE[state][interpretation.happening]({ definition, saga, step, input, ...interpretation });
};

interface Turn extends Interpretation {
  readonly definition: SagaDefinition;
  readonly saga: SagaInstance;
  readonly step: SagaStep;
  readonly input: SagaInput;
}
type Rule = (turn: Turn) => Transition;

/** The awaited operation succeeded. */
const advance: Rule = (turn) => {
  const { definition, saga, step } = turn;
  const draft = begin(turn);
  if (saga.direction === 'compensation') return draft.undoBefore(definition.steps.indexOf(step)).finish('moved');
  if (step.role === 'undone') return draft.followUndone(definition.undoneSteps.indexOf(step) + 1).finish('moved');
  if (step.role === 'pivot') draft.reach('pivoted');
  return draft.goForward(definition.steps.indexOf(step) + 1).finish('moved');
};

/**
 * The awaited action was definitely refused: it did nothing, so only the steps before it are undone. That it did nothing is
 * for its participant to say. An operator may be wrong, so what they call not applied is undone all the same.
 */
const undoEarlier: Rule = (turn) =>
  turn.input.kind === 'resolve'
    ? undo(turn)
    : begin(turn).change({ reason: turn.reason }).undoBefore(turn.definition.steps.indexOf(turn.step)).finish('moved');

/** The awaited action may have happened, may still happen, or may never: it is undone like the ones before it. */
const undo: Rule = (turn) =>
  begin(turn)
    .change({ reason: turn.reason })
    .undoBefore(turn.definition.steps.indexOf(turn.step) + 1)
    .finish('moved');

/** No is not an answer here. A participant remembers its refusal, so only a new identity can have another outcome. */
const nextGeneration: Rule = (turn) => {
  const { saga, step } = turn;
  return begin(turn)
    .change({ state: phaseAt(step, saga.direction), parkedReason: null, generation: saga.generation + 1, attempt: 0 })
    .wait(step, saga.generation)
    .finish('moved');
};

/** The same operation once more. A parked saga stays parked until an answer decides. */
const askAgain: Rule = (turn) =>
  begin(turn)
    .send(turn.step, turn.saga.attempt + 1)
    .finish('moved');

/** An answer that says the same once more changes nothing but the timeline, where whoever asked again sees that it was answered. */
const park: Rule = (turn) => {
  const { saga, step, reason } = turn;
  const draft = begin(turn);
  if (saga.state !== 'parked' || saga.parkedReason !== reason) {
    draft.change({ state: 'parked', parkedReason: reason }).record({ event: 'parked', detail: { reason } });
  }
  return draft.wait(step, Math.max(saga.attempt, 1)).finish('moved');
};

/** Behind the pivot another saga undoes what this one did; one that has no pivot is such a saga itself. */
const handOver: Rule = (turn) =>
  turn.definition.steps.some(({ role }) => role === 'pivot')
    ? begin(turn).change({ reason: turn.reason }).reach('handed-over').close('handed-over').finish('moved')
    : ignore(turn);

const keep: Rule = (turn) => begin(turn).finish('late');

const ignore: Rule = ({ saga }) => ignored(saga);

const begin = ({ definition, saga, input, trigger }: Turn): TransitionDraft => {
  const draft = new TransitionDraft(definition, saga, input.kind === 'reply' ? input.localRefusal : undefined);
  return trigger === null ? draft : draft.record(trigger);
};

/**
 * A parked saga obeys the row of the phase in which it was parked. A closed one awaits nothing, so any reply to it is late.
 * The README draws this table.
 */
// prettier-ignore
export const TABLE: Record<Phase | ClosedState, Record<Happening, Rule>> = {
  running:       { ok: advance, refused: undoEarlier,    unknown: park, timer: askAgain, deadline: undo,   cancel: undo,     late: keep, stale: ignore },
  pivoted:       { ok: advance, refused: nextGeneration, unknown: park, timer: askAgain, deadline: ignore, cancel: handOver, late: keep, stale: ignore },
  compensating:  { ok: advance, refused: nextGeneration, unknown: park, timer: askAgain, deadline: ignore, cancel: ignore,   late: keep, stale: ignore },
  undone:        { ok: advance, refused: nextGeneration, unknown: park, timer: askAgain, deadline: ignore, cancel: ignore,   late: keep, stale: ignore },
  completed:     { ok: keep,    refused: keep,           unknown: keep, timer: ignore,   deadline: ignore, cancel: handOver, late: keep, stale: ignore },
  compensated:   { ok: keep,    refused: keep,           unknown: keep, timer: ignore,   deadline: ignore, cancel: ignore,   late: keep, stale: ignore },
  'handed-over': { ok: keep,    refused: keep,           unknown: keep, timer: ignore,   deadline: ignore, cancel: ignore,   late: keep, stale: ignore },
};
