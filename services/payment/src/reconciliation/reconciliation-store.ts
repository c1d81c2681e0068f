import { rowsOf, type SqlSession } from '@once/idempotency';
import type { Drift } from './drift.js';
import type { BookedPayment, Books, ReconciliationReport, TimeWindow } from './reconciler.js';

const PAGE = 200;

/** One replica per slot of time: the primary key of the slot decides. */
const CLAIM = `
  insert into reconciliation_run (slot) values (floor(extract(epoch from clock_timestamp()) * 1000 / $1::float8)::bigint)
  on conflict do nothing
  returning slot`;

const PAYMENTS = `
  select order_id as "orderId", intent_id as "intentId", created_at as "createdAt" from payment
   where intent_id is not null and created_at >= $1 and created_at < $2 and order_id > $3
   order by order_id
   limit $4`;

/** A drift is one row for as long as it lasts; one that comes back after it was healed is open again. */
const RECORD = `
  insert into reconciliation_drift (kind, intent_id, order_id, ours, theirs, at_stake, currency,
                                    created_at, healed_at)
  select kind, "intentId", "orderId", ours, theirs, "atStake", currency, "createdAt",
         case when "isHealed" then clock_timestamp() end
    from jsonb_to_recordset($1::jsonb)
      as d(kind text, "intentId" text, "orderId" text, ours text, theirs text, "atStake" bigint, currency text,
           "createdAt" timestamptz, "isHealed" boolean)
   order by kind, "intentId"
  on conflict on constraint one_drift_per_kind_and_intent do update
     set ours = excluded.ours, theirs = excluded.theirs, at_stake = excluded.at_stake,
         seen_at = clock_timestamp(), healed_at = excluded.healed_at`;

/** What an earlier run has found and this one, in whose window it lies, has not. */
const CLOSE = `
  update reconciliation_drift d set healed_at = clock_timestamp()
   where healed_at is null and created_at >= $1 and created_at < $2
     and not exists (select from jsonb_to_recordset($3::jsonb) as o(kind text, "intentId" text)
                      where o.kind = d.kind and o."intentId" = d.intent_id)`;

const OPEN = `
  select kind, intent_id as "intentId", order_id as "orderId", ours, theirs, at_stake::float8 as "atStake", currency,
         created_at as "createdAt", found_at as "foundAt", seen_at as "seenAt"
    from reconciliation_drift
   where healed_at is null
   order by found_at, intent_id
   limit 1000`;

const COUNT = 'select count(*)::int as drifts from reconciliation_drift where healed_at is null';

const OLD_RUNS = `delete from reconciliation_run where started_at < clock_timestamp() - interval '7 days'`;

export interface OpenDrift extends Drift {
  readonly foundAt: Date;
  readonly seenAt: Date;
}

/** What reconciliation needs of our books, and where it writes what it found. */
export class ReconciliationStore implements Books {
  constructor(private readonly session: SqlSession) {}

  /** Whether this process is the one that runs in this slot. */
  async claim(everyMs: number): Promise<boolean> {
    await this.session.query(OLD_RUNS);
    return rowsOf(await this.session.query(CLAIM, [everyMs])).length > 0;
  }

  async *paymentsWithIntent({ from, to }: TimeWindow): AsyncIterable<readonly BookedPayment[]> {
    for (let last = '00000000-0000-0000-0000-000000000000'; ;) {
      const rows = rowsOf<BookedPayment>(await this.session.query(PAYMENTS, [from, to, last, PAGE]));
      if (rows.length > 0) yield rows;
      if (rows.length < PAGE) return;
      last = rows.at(-1)?.orderId ?? last;
    }
  }

  async record({ from, to, healed, open }: ReconciliationReport): Promise<void> {
    const found = [
      ...healed.map((drift) => ({ ...drift, isHealed: true })),
      ...open.map((drift) => ({ ...drift, isHealed: false })),
    ];
    if (found.length > 0) await this.session.query(RECORD, [JSON.stringify(found)]);
    await this.session.query(CLOSE, [from, to, JSON.stringify(open)]);
  }

  async openDrifts(): Promise<readonly OpenDrift[]> {
    return rowsOf<OpenDrift>(await this.session.query(OPEN));
  }

  async countOpen(): Promise<number> {
    return rowsOf<{ drifts: number }>(await this.session.query(COUNT))[0]?.drifts ?? 0;
  }
}
