/** What one input did to a saga: everything that must be committed together, and nothing that was already done. */
import type { Direction, Operation, SagaInstance } from './saga-instance.js';

export interface Transition {
  /**
   *   moved    commit it
   *   late     commit it: a reply that answers nothing awaited, which changes only the timeline
   *   ignored  nothing happened, nothing to commit
   */
  readonly kind: 'moved' | 'late' | 'ignored';
  readonly next: SagaInstance;
  /** The one operation to send; a saga never has two under way. */
  readonly command: SagaCommand | null;
  /** What the caller does in its own database, in this order and in the commit of the transition. */
  readonly effects: readonly SagaEffect[];
  readonly events: readonly TimelineEvent[];
  /** When to look again; null when closed. A late reply leaves the running timer as it is. */
  readonly timer: SagaTimer | null;
  /** How long a new saga has to reach its pivot; only the first transition sets it. */
  readonly giveUpAfterMs: number | null;
}

export interface SagaCommand {
  readonly operation: Operation;
  readonly type: string;
  readonly attempt: number;
}

export type SagaEffect =
  /** `name` is the local action or compensation as the definition names it. */
  | { readonly kind: 'local'; readonly name: string; readonly step: string; readonly direction: Direction }
  | { readonly kind: 'pivoted' }
  | { readonly kind: 'undone' }
  | { readonly kind: 'completed' }
  /** The cancellation came after the pivot: start the saga that undoes this one. */
  | { readonly kind: 'handed-over' };

/** Relative, because only the database's clock decides when it is over. */
export interface SagaTimer {
  readonly operation: Operation;
  readonly afterMs: number;
}

export const TIMELINE_EVENTS = [
  'started',
  'executed',
  'sent',
  'replied',
  'deadline-passed',
  'cancel-requested',
  'resolved',
  'pivoted',
  'undone',
  'parked',
  'completed',
  'compensated',
  'handed-over',
] as const;
export type TimelineEventName = (typeof TIMELINE_EVENTS)[number];

export const TIMELINE_OUTCOMES = ['ok', 'refused', 'unknown', 'late', 'duplicate'] as const;
export type TimelineOutcome = (typeof TIMELINE_OUTCOMES)[number];

/** One line of a saga's history. The first of a transition is its cause, each other one follows from the one before. */
export interface TimelineEvent {
  readonly event: TimelineEventName;
  readonly step: string | null;
  readonly direction: Direction | null;
  readonly generation: number | null;
  readonly attempt: number | null;
  readonly outcome: TimelineOutcome | null;
  readonly detail: Readonly<Record<string, unknown>> | null;
}

/** An event as its author writes it: what is not said is null. */
export type SparseEvent = Pick<TimelineEvent, 'event'> & Partial<TimelineEvent>;

export const BLANK_EVENT = {
  step: null,
  direction: null,
  generation: null,
  attempt: null,
  outcome: null,
  detail: null,
} as const satisfies Omit<TimelineEvent, 'event'>;

export const ignored = (saga: SagaInstance): Transition => ({
  kind: 'ignored',
  next: saga,
  command: null,
  effects: [],
  events: [],
  timer: null,
  giveUpAfterMs: null,
});
