import { CHANGE_COLUMNS } from './change-columns.js';

/**
 * Inserts each new saga whose subject has no open one; the others are not in the result.
 *
 * One member may close a saga and start its successor: the start reads the closing from `saga_moved`, so the row is closed
 * before the insert looks for an open one. Both happen or neither: a saga hands over once, and no other one of its subject
 * is open then. Subjects are inserted in order, because two batches that start sagas for the same subjects wait for each
 * other at the unique index.
 */
export const startSagas = (source: string): string => `
  insert into saga
         (id, subject_id, definition, definition_version, state, step, direction, generation, attempt, reason,
          parked_reason, version, timer_at, give_up_at)
  select c.id, c."subjectId", c.definition, c."definitionVersion", c.state, c.step, c.direction, c.generation, c.attempt,
         c.reason, c."parkedReason", c.version,
         clock_timestamp() + make_interval(secs => least(c."timerAfterMs", c."giveUpAfterMs") / 1000),
         clock_timestamp() + make_interval(secs => c."giveUpAfterMs" / 1000)
    from ${source} m
   cross join lateral jsonb_to_record(m.saga_start) as c(${CHANGE_COLUMNS})
   where c.id is not null
     and (m.saga_move is null or exists (select from saga_moved v where v.id = (m.saga_move->>'id')::uuid))
   order by c."subjectId"
      on conflict do nothing
  returning id, subject_id`;
