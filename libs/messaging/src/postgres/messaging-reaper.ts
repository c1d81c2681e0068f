import { rowsOf, type SqlSession } from './sql-session.js';

/** Deletes what nobody needs any more: discarded dead letters, and counts of messages that never came again. */
export class MessagingReaper {
  constructor(
    private readonly session: SqlSession,
    private readonly retentionMs: number,
  ) {}

  /** One bounded pass. */
  async runOnce(): Promise<ReapReport> {
    const result = await this.session.query(
      `with discarded as (
         delete from failed_delivery
          where id in (select id from failed_delivery
                        where discarded_at < clock_timestamp() - make_interval(secs => $1::double precision / 1000)
                        limit $2)
         returning 1),
       counts as (
         delete from delivery_attempt
          where (queue, message_id) in (select queue, message_id from delivery_attempt
                                         where counted_at < clock_timestamp() - make_interval(secs => $1::double precision / 1000)
                                         limit $2)
         returning 1)
       select (select count(*) from discarded)::int as "discarded", (select count(*) from counts)::int as "counts"`,
      [this.retentionMs, PAGE],
    );
    return rowsOf<ReapReport>(result)[0] ?? { discarded: 0, counts: 0 };
  }
}

export interface ReapReport {
  readonly discarded: number;
  readonly counts: number;
}

/** A pass holds its row locks for milliseconds. */
const PAGE = 1_000;
