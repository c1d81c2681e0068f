import type { ClaimedMessage, OutboxStore, PostponedMessage } from '../outbox-store.js';
import { rowsOf, type SqlSession } from './sql-session.js';

/** The outbox in table `outbox_message`. Every comparison of times is made by the database's own clock. */
export class PostgresOutboxStore implements OutboxStore {
  private readonly due: string;

  /**
   * `takesUnclaimed`: nobody publishes from memory, so that the lease a row is born with protects nothing and a row that no
   * relay has claimed yet is due at once.
   */
  constructor(
    private readonly session: SqlSession,
    { takesUnclaimed } = { takesUnclaimed: false },
  ) {
    this.due = `next_attempt_at <= clock_timestamp()${takesUnclaimed ? ' or attempts = 0' : ''}`;
  }

  /**
   * Locks: `for update skip locked` keeps two relays off the same rows without either waiting for the other; once the
   * statement has committed, the lease (`next_attempt_at` in the future) does.
   */
  async claim(limit: number, leaseMs: number): Promise<readonly ClaimedMessage[]> {
    const result = await this.session.query(
      `with due as (
         select id from outbox_message
          where ${this.due}
          order by created_at, id
          limit $1
            for update skip locked)
       update outbox_message o
          set attempts = o.attempts + 1,
              next_attempt_at = clock_timestamp() + make_interval(secs => $2::double precision / 1000)
         from due
        where o.id = due.id
       returning o.id, o.destination, o.type, o.version, o.saga_id as "sagaId", o.causation_id as "causationId",
                 o.traceparent, o.payload, o.created_at as "committedAt", o.attempts`,
      [limit, leaseMs],
    );
    return rowsOf<ClaimedMessage>(result).toSorted(byAge);
  }

  /** The commit does not wait for the disk: a lost delete sends a message again, and receivers deduplicate. */
  async remove(ids: readonly string[]): Promise<void> {
    await this.session.query(
      `with lazily as materialized (select set_config('synchronous_commit', 'off', true))
       delete from outbox_message o using lazily where o.id = any($1::uuid[])`,
      [ids],
    );
  }

  async postpone(messages: readonly PostponedMessage[]): Promise<void> {
    await this.session.query(
      `update outbox_message o
          set last_error = p.reason,
              next_attempt_at = clock_timestamp() + make_interval(secs => p."afterMs" / 1000)
         from jsonb_to_recordset($1::jsonb) as p(id uuid, attempts int, reason text, "afterMs" double precision)
        where o.id = p.id and o.attempts = p.attempts`,
      [JSON.stringify(messages)],
    );
  }
}

function byAge(one: ClaimedMessage, other: ClaimedMessage): number {
  return one.committedAt.getTime() - other.committedAt.getTime() || (one.id < other.id ? -1 : 1);
}
