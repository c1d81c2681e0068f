import type { ClaimedDelivery, FailedDelivery, FailedDeliveryStore, NextStep } from '../failed-delivery-store.js';
import { toJson, toText } from './sql-text.js';
import { rowsOf, type SqlSession } from './sql-session.js';

/** The failed deliveries of one queue, in tables `failed_delivery` and `delivery_attempt`. The database's clock counts. */
export class PostgresFailedDeliveryStore implements FailedDeliveryStore {
  constructor(
    private readonly session: SqlSession,
    private readonly queue: string,
  ) {}

  async attemptsOf(messageId: string): Promise<number> {
    const result = await this.session.query(
      'select attempts from delivery_attempt where queue = $1 and message_id = $2',
      [this.queue, messageId],
    );
    return rowsOf<{ attempts: number }>(result)[0]?.attempts ?? 0;
  }

  async countAttempt(messageId: string): Promise<number> {
    const result = await this.session.query(
      `insert into delivery_attempt as d (queue, message_id, attempts) values ($1, $2, 1)
       on conflict (queue, message_id) do update set attempts = d.attempts + 1, counted_at = clock_timestamp()
       returning attempts`,
      [this.queue, messageId],
    );
    return rowsOf<{ attempts: number }>(result)[0]?.attempts ?? 1;
  }

  /** The commit does not wait for the disk: a count too many does no harm. */
  async forgetAttempts(messageId: string): Promise<void> {
    await this.session.query(
      `with lazily as materialized (select set_config('synchronous_commit', 'off', true))
       delete from delivery_attempt d using lazily where d.queue = $1 and d.message_id = $2`,
      [this.queue, messageId],
    );
  }

  /**
   * The same bytes have one row, however often they fail. The newest verdict counts: a dead letter that comes again and
   * is to be retried is retried, and of two retries the earlier one stands.
   */
  async record(failure: FailedDelivery): Promise<void> {
    const { body, properties, messageId, type, sagaId, reason, stack, attempts, next } = failure;
    await this.session.query(
      `insert into failed_delivery as f
              (queue, body, properties, message_id, type, saga_id, reason, stack, attempts, next_attempt_at, dead_lettered_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9,
               case when $10::double precision is not null
                    then clock_timestamp() + make_interval(secs => $10::double precision / 1000) end,
               case when $10::double precision is null then clock_timestamp() end)
       on conflict (queue, body_digest) do update
          set reason = excluded.reason, stack = excluded.stack, last_failed_at = clock_timestamp(),
              attempts = greatest(f.attempts, excluded.attempts),
              next_attempt_at = case when excluded.next_attempt_at is not null
                                     then least(f.next_attempt_at, excluded.next_attempt_at) end,
              dead_lettered_at = excluded.dead_lettered_at, discarded_at = null, discard_note = null`,
      [
        this.queue, body, toJson(properties), messageId, type, sagaId, toText(reason), toText(stack), attempts,
        next.kind === 'retry' ? next.afterMs : null,
      ], // prettier-ignore
    );
  }

  /** Locks: `skip locked` keeps two sweepers off the same rows; after the commit the lease does. */
  async claimDue(limit: number, leaseMs: number): Promise<readonly ClaimedDelivery[]> {
    const result = await this.session.query(
      `with due as (
         select id from failed_delivery
          where queue = $1 and next_attempt_at <= clock_timestamp()
          order by next_attempt_at
          limit $2
            for update skip locked)
       update failed_delivery f
          set attempts = f.attempts + 1,
              next_attempt_at = clock_timestamp() + make_interval(secs => $3::double precision / 1000)
         from due
        where f.id = due.id
       returning f.id, f.body, f.attempts as attempt`,
      [this.queue, limit, leaseMs],
    );
    return rowsOf<ClaimedDelivery>(result);
  }

  async resolve(claimed: ClaimedDelivery): Promise<boolean> {
    const result = await this.session.query(
      `with resolved as (
         delete from failed_delivery where id = $1 and attempts = $2 returning queue, message_id),
       forgotten as (
         delete from delivery_attempt d using resolved r where d.queue = r.queue and d.message_id::text = r.message_id)
       select from resolved`,
      [claimed.id, claimed.attempt],
    );
    return rowsOf<object>(result).length > 0;
  }

  async failAgain(claimed: ClaimedDelivery, reason: string, stack: string | null, next: NextStep): Promise<boolean> {
    const result = await this.session.query(
      `with failed as (
         update failed_delivery
            set reason = $3, stack = $4, last_failed_at = clock_timestamp(),
                next_attempt_at = case when $5::double precision is not null
                                       then clock_timestamp() + make_interval(secs => $5::double precision / 1000) end,
                dead_lettered_at = case when $5::double precision is null then clock_timestamp() end
          where id = $1 and attempts = $2
         returning id)
       select id from failed`,
      [claimed.id, claimed.attempt, toText(reason), toText(stack), next.kind === 'retry' ? next.afterMs : null],
    );
    return rowsOf<object>(result).length > 0;
  }
}
