/** Arbitrary sagas in an arbitrary world, for properties that must hold whatever happens in whatever order. */
import * as fc from 'fast-check';
import {
  awaitedOperation,
  DEFAULT_TIMING,
  operationKey,
  startSaga,
  transition,
  type Operation,
  type ReplyOutcome,
  type SagaDefinition,
  type SagaEffect,
  type SagaInput,
  type SagaInstance,
  type SagaStep,
  type Transition,
  type Work,
} from '../src/index.js';

/** One input with the saga as it was before and what became of it. */
export interface Turn {
  readonly input: SagaInput;
  readonly before: SagaInstance;
  readonly made: Transition;
}

export interface SagaRun {
  readonly definition: SagaDefinition;
  readonly started: Transition;
  readonly turns: readonly Turn[];
}

/**
 * What the world does to a saga: it answers any operation that was ever sent, awaited or not, once or often, with any
 * outcome; timers run out in time or long after; people cancel and resolve.
 */
type Act =
  | { readonly kind: 'answer'; readonly sent: number; readonly outcome: ReplyOutcome }
  | { readonly kind: 'timer'; readonly sent: number; readonly attempt: number }
  | { readonly kind: 'awaited timer' }
  | { readonly kind: 'input'; readonly input: SagaInput };

const { constant, constantFrom, nat, record } = fc;

/** Mostly good news about the last operation sent, or no run would get far. `sent` counts backwards from the last. */
const outcomes = constantFrom<ReplyOutcome[]>('ok', 'ok', 'ok', 'refused', 'unknown');
const anySent = constantFrom(0, 0, 0, 1, 2, 3, 5, 8);
const resolutions = constantFrom('applied' as const, 'not-applied' as const, 'retry' as const);
const input = (input: SagaInput): Act => ({ kind: 'input', input });

const acts: fc.Arbitrary<readonly Act[]> = fc.array(
  fc.oneof(
    { weight: 20, arbitrary: record({ kind: constant('answer' as const), sent: anySent, outcome: outcomes }) },
    { weight: 4, arbitrary: record({ kind: constant('timer' as const), sent: anySent, attempt: nat(3) }) },
    { weight: 8, arbitrary: constant<Act>({ kind: 'awaited timer' }) },
    { weight: 1, arbitrary: constant(input({ kind: 'deadline' })) },
    { weight: 2, arbitrary: constant(input({ kind: 'cancel', reason: 'requested' })) },
    { weight: 1, arbitrary: resolutions.map((resolution) => input({ kind: 'resolve', resolution, note: '' })) },
  ),
  { maxLength: 60 },
);

/** Any saga the builder can build: up to four steps before a pivot, or only steps that must succeed. */
const kinds = constantFrom('local' as const, 'remote' as const);
const definitions: fc.Arbitrary<SagaDefinition> = record({
  compensatable: fc.array(kinds, { maxLength: 4 }),
  retriable: fc.array(kinds, { minLength: 1, maxLength: 3 }),
  undone: nat(2),
}).map(({ compensatable, retriable, undone }) => {
  const beforePivot = compensatable.map((kind, index) => {
    // The last one covers the pivot, which only a remote one can.
    const isLast = index + 1 === compensatable.length;
    return step(`c${index}`, 'compensatable', isLast ? 'remote' : kind);
  });
  return {
    name: 'any',
    version: 1,
    timing: DEFAULT_TIMING,
    steps: [
      ...beforePivot,
      ...(beforePivot.length === 0 ? [] : [step('pivot', 'pivot', 'remote')]),
      ...retriable.map((kind, index) => step(`r${index}`, 'retriable', kind)),
    ],
    undoneSteps: Array.from({ length: undone }, (_, index) => step(`u${index}`, 'undone', 'remote')),
  };
});

const step = (name: string, role: SagaStep['role'], kind: Work['kind']): SagaStep => ({
  name,
  role,
  action: work(kind, name),
  compensation: role === 'compensatable' ? work(kind, `undo ${name}`) : null,
  refusals: [],
  timeoutMs: 1_000,
});
const work = (kind: Work['kind'], name: string): Work => (kind === 'local' ? { kind, name } : { kind, command: name });

const worlds = record({ definition: definitions, id: fc.uuid(), subjectId: fc.uuid(), acts });

export const sagaRuns: fc.Arbitrary<SagaRun> = worlds.map(({ definition, id, subjectId, acts }) => {
  const started = startSaga(definition, { id, subjectId });
  const sent: Operation[] = started.command === null ? [] : [started.command.operation];
  const turns: Turn[] = [];
  let saga = started.next;
  for (const act of acts) {
    const input = inputOf(act, sent, saga);
    if (input === undefined) continue;
    const made = transition(definition, saga, input);
    turns.push({ input, before: saga, made });
    if (made.command !== null) sent.push(made.command.operation);
    saga = made.next;
  }
  return { definition, started, turns };
});

const inputOf = (act: Act, sent: readonly Operation[], saga: SagaInstance): SagaInput | undefined => {
  if (act.kind === 'input') return act.input;
  const operation = act.kind === 'awaited timer' ? awaitedOperation(saga) : sent.at(-1 - act.sent);
  if (operation === null || operation === undefined) return undefined;
  if (act.kind === 'answer') return { kind: 'reply', operation, outcome: act.outcome };
  return { kind: 'timer', operation, attempt: act.kind === 'timer' ? act.attempt : saga.attempt };
};

/** Whether the awaited operation was decided in this turn, and so. */
export const isDecided = ({ input, before }: Turn, decision: 'ok' | 'refused'): boolean => {
  if (input.kind === 'resolve') {
    return before.state === 'parked' && input.resolution === (decision === 'ok' ? 'applied' : 'not-applied');
  }
  const awaited = awaitedOperation(before);
  if (input.kind !== 'reply' || awaited === null) return false;
  return operationKey(awaited) === operationKey(input.operation) && input.outcome === decision;
};

export const transitionsOf = ({ started, turns }: SagaRun): readonly Transition[] => [
  started,
  ...turns.map(({ made }) => made),
];

export const effectsOf = (run: SagaRun): readonly SagaEffect[] => transitionsOf(run).flatMap(({ effects }) => effects);
