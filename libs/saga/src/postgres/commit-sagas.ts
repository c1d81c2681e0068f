/**
 * The part of a commit statement that moves and starts sagas and writes their timeline: common table expressions, to be
 * put behind the one that `source` names.
 *
 *     with member as (select * from jsonb_to_recordset($1) as m(no int, saga_move jsonb, saga_start jsonb, …)),
 *          <commitSagas('member')>,
 *          applied as (select m.no from member m join saga_moved v on v.id = (m.saga_move->>'id')::uuid), …
 *
 * Reads from `source`, each null where the member has none:
 *   saga_move   SagaChange of a saga that exists; applied when the saga has the version before the change's
 *   saga_start  SagaChange of a new saga; where the member also has a saga_move, the start waits for it and depends on it
 * Provides `saga_moved` and `saga_started`, each with the `id` of what really changed. Everything else that a member
 * changes must depend on them. A saga may occur in one member of the batch only.
 */
import { appendTimeline } from './append-timeline.js';
import { moveSagas } from './move-sagas.js';
import { startSagas } from './start-sagas.js';

export const commitSagas = (source: string): string => `
  saga_moved as (${moveSagas(source)}),
  saga_started as (${startSagas(source)}),
  ${appendTimeline(source)}`;
