import { CHANGE_COLUMNS } from './change-columns.js';

/**
 * Moves each saga that still has the version its change was decided on; the others are not in the result.
 *
 * Locks: the rows are locked in the order of their ids before any is changed, so two batches that share sagas queue up and
 * never deadlock. A batch that waited meets a row that has moved on: Postgres checks the version again on the new row, and
 * the stale change matches nothing.
 */
export const moveSagas = (source: string): string => `
  update saga s
     set state = c.state, step = c.step, direction = c.direction, generation = c.generation, attempt = c.attempt,
         reason = c.reason, parked_reason = c."parkedReason",
         parked_at = case when c.state = 'parked' then coalesce(s.parked_at, clock_timestamp()) end,
         version = c.version,
         -- the deadline stands until the saga has left its first phase, and no timer sleeps past it
         timer_at = case when c."keepsTimer" then s.timer_at
                         else least(clock_timestamp() + make_interval(secs => c."timerAfterMs" / 1000),
                                    case when c.state in ('running', 'parked') then s.give_up_at end) end,
         give_up_at = case when c.state in ('running', 'parked') then s.give_up_at end,
         updated_at = clock_timestamp()
    from ${source} m
   cross join lateral jsonb_to_record(m.saga_move) as c(${CHANGE_COLUMNS})
    join (select id from saga
           where id = any (array(select (m.saga_move->>'id')::uuid from ${source} m))
           order by id
             for update) locked on locked.id = c.id
   where s.id = c.id and s.version = c.version - 1
  returning s.id, s.subject_id, m.saga_move as change`;
