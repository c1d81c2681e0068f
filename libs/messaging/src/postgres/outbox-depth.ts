import type { OutboxDepth } from '../outbox-store.js';
import { rowsOf, type SqlSession } from './sql-session.js';

/**
 * How much waits to leave. Reads no further than `rowsMax` rows, so that a sample of a table that grew out of bounds
 * stays cheap. Sample it, do not ask per request.
 */
export async function outboxDepth(session: SqlSession, rowsMax: number): Promise<OutboxDepth> {
  const result = await session.query(
    `select count(*)::int as rows,
            coalesce(extract(epoch from clock_timestamp() - min(created_at)) * 1000, 0)::double precision as "oldestAgeMs"
       from (select created_at from outbox_message limit $1) waiting`,
    [rowsMax],
  );
  return rowsOf<OutboxDepth>(result)[0] ?? { rows: 0, oldestAgeMs: 0 };
}
