import { rowsOf, type SqlSession } from './sql-session.js';

/** The trace that each subject's first saga began in, for work that nobody asked for and that belongs there all the same. */
export const tracesOf = async (
  session: SqlSession,
  subjectIds: readonly string[],
): Promise<ReadonlyMap<string, string>> => {
  const result = await session.query(
    `select s.id, t.trace_id as "traceId"
       from unnest($1::uuid[]) s(id)
      cross join lateral (
        select trace_id from saga_timeline
         where subject_id = s.id and trace_id is not null
         order by seq limit 1) t`,
    [subjectIds],
  );
  return new Map(rowsOf<{ id: string; traceId: string }>(result).map(({ id, traceId }) => [id, traceId]));
};
