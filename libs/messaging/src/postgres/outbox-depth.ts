import { rowsOf, type SqlSession } from './sql-session.js';

export interface OutboxDepth {
  readonly rows: number;
  /** 0 when there are none. */
  readonly oldestAgeMs: number;
}

/** How much waits to leave. A service sheds load when it exceeds its bound; sample it, do not ask per request. */
export async function outboxDepth(session: SqlSession): Promise<OutboxDepth> {
  const result = await session.query(
    `select count(*)::int as rows,
            coalesce(extract(epoch from clock_timestamp() - min(created_at)) * 1000, 0)::double precision as "oldestAgeMs"
       from outbox_message`,
  );
  return rowsOf<OutboxDepth>(result)[0] ?? { rows: 0, oldestAgeMs: 0 };
}
