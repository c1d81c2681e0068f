/**
 * One run of a saga: where it stands and what it awaits.
 *
 *   running       before the pivot's success; a cancellation or the deadline still wins
 *   pivoted       only goes forward: the pivot has succeeded, or the saga has none
 *   compensating  undoes its steps in reverse, each until it succeeds
 *   undone        every compensation has succeeded; the steps that follow are under way
 *   parked        in one of the four above, but the outside answered and its answer does not decide
 *   completed     ended forward                                       (closed)
 *   compensated   ended undone                                        (closed)
 *   handed-over   cancelled after the pivot; another saga undoes it   (closed)
 *
 * An open saga awaits exactly one remote operation. That is what makes every question about a reply decidable: it
 * answers that operation, or it is late.
 */
export const PHASES = ['running', 'pivoted', 'compensating', 'undone'] as const;
export const CLOSED_STATES = ['completed', 'compensated', 'handed-over'] as const;
export const SAGA_STATES = [...PHASES, 'parked', ...CLOSED_STATES] as const;

export type Phase = (typeof PHASES)[number];
export type ClosedState = (typeof CLOSED_STATES)[number];
export type SagaState = (typeof SAGA_STATES)[number];

export type Direction = 'action' | 'compensation';

export interface SagaInstance {
  readonly id: string;
  /** What the saga is about, for instance an order. A subject has at most one open saga. */
  readonly subjectId: string;
  readonly definition: string;
  readonly definitionVersion: number;
  readonly state: SagaState;
  readonly step: string;
  readonly direction: Direction;
  /** Grows when an operation that must succeed was definitely refused; never by a timeout. The first is 1. */
  readonly generation: number;
  /** How often the awaited operation was sent; 0 while a new generation waits for its pause to end. */
  readonly attempt: number;
  /** Why the saga is, or was, undone; for a saga without pivot why it was started. */
  readonly reason: string | null;
  /** Why the outside's answer does not decide; set exactly while parked. */
  readonly parkedReason: string | null;
  /** Grows with every change; each write is conditional on it. */
  readonly version: number;
}

/** One try of one side of one step. All its attempts share this identity and one outcome. */
export interface Operation {
  readonly sagaId: string;
  readonly step: string;
  readonly direction: Direction;
  readonly generation: number;
}

/** The operation's name towards participants: the same for every attempt, so they can recognise a repeat. */
export const operationKey = ({ sagaId, step, direction, generation }: Operation): string =>
  `${sagaId}:${step}:${direction}:${generation}`;

/** The operation whose outcome the saga waits for; null once it is closed. */
export const awaitedOperation = (saga: SagaInstance): Operation | null =>
  isClosed(saga.state) ? null : operationAt(saga);

/** The operation at the saga's position. */
export const operationAt = ({ id, step, direction, generation }: SagaInstance): Operation => ({
  sagaId: id,
  step,
  direction,
  generation,
});

export const isClosed = (state: SagaState): state is ClosedState => CLOSED_STATES.some((closed) => closed === state);
