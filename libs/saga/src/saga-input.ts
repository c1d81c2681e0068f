/** What can happen to a saga. */
import type { Operation } from './saga-instance.js';

export type SagaInput =
  | ReplyInput
  /** The pause after one attempt is over. It names that attempt, so two replicas that both see it due ask once. */
  | { readonly kind: 'timer'; readonly operation: Operation; readonly attempt: number }
  /** The saga is older than its definition gives it. */
  | { readonly kind: 'deadline' }
  | { readonly kind: 'cancel'; readonly reason: string }
  | ResolveInput;

export interface ReplyInput {
  readonly kind: 'reply';
  readonly operation: Operation;
  /** `unknown`: the participant was answered by the outside, and that answer does not decide. It parks the saga. */
  readonly outcome: ReplyOutcome;
  readonly reason?: string;
  /** A local step, among those that would follow at once, which the caller finds it cannot do. */
  readonly localRefusal?: LocalRefusal;
}

/** An operator decides a parked saga, or has it asked again at once. */
export interface ResolveInput {
  readonly kind: 'resolve';
  readonly resolution: Resolution;
  readonly note: string;
  /** What the caller has found out beforehand, for the timeline. */
  readonly learned?: string;
}

export type ReplyOutcome = 'ok' | 'refused' | 'unknown';
export type Resolution = 'applied' | 'not-applied' | 'retry';

export interface LocalRefusal {
  readonly step: string;
  readonly reason: string;
}
