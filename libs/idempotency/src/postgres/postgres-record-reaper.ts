import { rowsOf, type SqlSession } from './sql-session.js';

export interface ReapReport {
  readonly deleted: number;
}

/**
 * Deletes records that are past their retention, which was promised when they were made. Unfinished records have no end,
 * however old they are: what they stand for may still happen.
 *
 * After that a key is as good as new. Whoever must refuse it for longer keeps it in the row that the operation made, with
 * a unique constraint of its own.
 */
export class PostgresRecordReaper {
  constructor(
    private readonly session: SqlSession,
    /** Records of one pass at most; each is a row lock and a few hundred bytes of WAL. */
    private readonly batchMax: number,
  ) {}

  /** One bounded pass. Locks: `skip locked`, so that the reapers of several replicas share the work and never wait. */
  async runOnce(): Promise<ReapReport> {
    const result = await this.session.query(
      `with deleted as (
         delete from idempotency_record
          where ctid = any(array(
            select ctid from idempotency_record
             where keep_until < (select clock_timestamp())
             order by keep_until
             limit $1
               for update skip locked))
         returning 1)
       select count(*)::int as deleted from deleted`,
      [this.batchMax],
    );
    return { deleted: rowsOf<ReapReport>(result)[0]?.deleted ?? 0 };
  }

  /** Passes until one finds less than it may delete, so that what is made faster than intervals go by does not pile up. */
  async drain(signal: AbortSignal): Promise<ReapReport> {
    let deleted = 0;
    for (;;) {
      const pass = await this.runOnce();
      deleted += pass.deleted;
      if (pass.deleted < this.batchMax || signal.aborted) return { deleted };
    }
  }
}
