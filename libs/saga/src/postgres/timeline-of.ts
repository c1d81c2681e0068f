import type { Direction } from '../saga-instance.js';
import type { TimelineEventName, TimelineOutcome } from '../transition.js';
import { rowsOf, type SqlSession } from './sql-session.js';

/** One line of what happened to a subject, as its reader gets it. */
export interface TimelineEntry {
  readonly seq: number;
  /** ISO 8601, by the database's clock. */
  readonly at: string;
  readonly service: string;
  readonly replica: number;
  /** The definition's name. */
  readonly saga: string;
  readonly step: string | null;
  readonly direction: Direction | null;
  readonly generation: number | null;
  readonly attempt: number | null;
  readonly event: TimelineEventName;
  readonly outcome: TimelineOutcome | null;
  readonly messageId: string | null;
  /** The seq of the line that led to this one. */
  readonly cause: number | null;
  readonly traceId: string | null;
  readonly detail: Readonly<Record<string, unknown>> | null;
}

/** Everything that happened to the subject's sagas, oldest first. */
export const timelineOf = async (session: SqlSession, subjectId: string): Promise<readonly TimelineEntry[]> => {
  const result = await session.query(
    `select seq, at, service, replica, saga, step, direction, generation, attempt, event, outcome,
            message_id as "messageId", cause, trace_id as "traceId", detail
       from saga_timeline
      where subject_id = $1
      order by seq`,
    [subjectId],
  );
  return rowsOf<Omit<TimelineEntry, 'at'> & { readonly at: Date }>(result).map((row) => ({
    ...row,
    at: row.at.toISOString(),
  }));
};
