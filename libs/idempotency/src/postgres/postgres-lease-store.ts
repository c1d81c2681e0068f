import type { Lease, LeaseStore } from '../phased-executor.js';
import { rowsOf, type SqlSession } from './sql-session.js';

/** The leases of one scope of idempotency records. Every comparison of times is made by the database's own clock. */
export class PostgresLeaseStore implements LeaseStore {
  constructor(
    private readonly session: SqlSession,
    private readonly scope: string,
  ) {}

  /**
   * Locks: `for update skip locked` keeps two rescuers off the same rows without either waiting; the token grows in the
   * same statement, so from here on every write of the former holder matches no row. The clock is read in a subquery,
   * once: compared with a volatile function, the index would be read from its start to its end.
   */
  async takeOver(holder: string, leaseMs: number, limit: number): Promise<readonly Lease[]> {
    const result = await this.session.query(
      `with expired as (
         select scope, key from idempotency_record
          where scope = $1 and outcome is null and lease_expires_at < (select clock_timestamp())
          order by lease_expires_at
          limit $2
            for update skip locked)
       update idempotency_record r
          set lease_token = r.lease_token + 1, leased_by = $3,
              lease_expires_at = clock_timestamp() + make_interval(secs => $4::double precision / 1000)
         from expired e
        where r.scope = e.scope and r.key = e.key
       returning r.scope, r.key, r.subject, r.lease_token::int as token`,
      [this.scope, limit, holder, leaseMs],
    );
    return rowsOf<Lease>(result);
  }

  /**
   * Locks: in the order of scope and key, like completeRecords. Two statements that want the same records then wait for
   * each other, but never in a circle.
   */
  async renew(leases: readonly Lease[], leaseMs: number): Promise<readonly Lease[]> {
    const result = await this.session.query(
      `with held as (
         select x.scope, x.key
           from jsonb_to_recordset($1::jsonb) as l(scope text, key text, token bigint)
           join idempotency_record x on x.scope = l.scope and x.key = l.key
          where x.lease_token = l.token and x.outcome is null
          order by x.scope, x.key
            for update of x)
       update idempotency_record r
          set lease_expires_at = clock_timestamp() + make_interval(secs => $2::double precision / 1000)
         from held h
        where r.scope = h.scope and r.key = h.key
       returning r.scope, r.key, r.subject, r.lease_token::int as token`,
      [JSON.stringify(leases), leaseMs],
    );
    return rowsOf<Lease>(result);
  }

  async release(lease: Lease, afterMs: number): Promise<void> {
    await this.session.query(
      `update idempotency_record
          set lease_expires_at = clock_timestamp() + make_interval(secs => $4::double precision / 1000)
        where scope = $1 and key = $2 and lease_token = $3 and outcome is null`,
      [lease.scope, lease.key, lease.token, afterMs],
    );
  }
}
