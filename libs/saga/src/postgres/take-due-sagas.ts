import type { SagaInput } from '../saga-input.js';
import { operationAt, type SagaInstance } from '../saga-instance.js';
import { sagaColumns } from './saga-columns.js';
import { rowsOf, type SqlSession } from './sql-session.js';

export interface DueSaga {
  readonly saga: SagaInstance;
  /** What its timer says: ask again, or give up. It names what it was set for, so it may be applied to a newer state. */
  readonly input: SagaInput;
}

export interface TakeDueOptions {
  readonly limit: number;
  /**
   * How long a saga that was taken is not due again. Default 10 s: enough to decide and commit a batch, and the delay that the
   * death of the process in between costs.
   */
  readonly holdMs?: number;
}

/**
 * Takes the sagas whose timer has run out, the longest waiting first. Their timers move on by `holdMs`, so a saga whose input
 * keeps failing goes to the back of the queue instead of standing in front of the others.
 *
 * Locks: `skip locked` keeps replicas off the same rows, and off those that are just being moved, without waiting. Nothing
 * depends on a saga being taken once: the version guards the move, and the timer names the attempt.
 */
export const takeDueSagas = async (
  session: SqlSession,
  { limit, holdMs = 10_000 }: TakeDueOptions,
): Promise<readonly DueSaga[]> => {
  const result = await session.query(
    `with due as materialized (
       select id from saga
        where timer_at <= clock_timestamp()
        order by timer_at
        limit $1
          for update skip locked)
     update saga s
        set timer_at = clock_timestamp() + make_interval(secs => $2::double precision / 1000)
       from due
      where s.id = due.id
     returning ${sagaColumns('s')}, coalesce(s.give_up_at <= clock_timestamp(), false) as "isOverdue"`,
    [limit, holdMs],
  );
  return rowsOf<SagaInstance & { readonly isOverdue: boolean }>(result).map(({ isOverdue, ...saga }) => ({
    saga,
    input: isOverdue ? { kind: 'deadline' } : { kind: 'timer', operation: operationAt(saga), attempt: saga.attempt },
  }));
};
