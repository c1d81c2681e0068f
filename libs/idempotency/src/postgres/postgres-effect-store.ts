import { EFFECT_SCOPE, type EffectStore, type Intent, type StoredEffect } from '../effect/effect-door.js';
import type { EffectOutcome } from '../effect/sink.js';
import type { IdempotencyRecord } from '../idempotency-record.js';
import type { Lease } from '../phased-executor.js';
import { PARKED, SENT } from '../recovery-point.js';
import { PostgresLeaseStore } from './postgres-lease-store.js';
import { completeRecords, freeMembers, insertRecords, recordOf } from './record-fragments.js';
import { rowsOf, type SqlSession } from './sql-session.js';

/** Reads `records` and `requests`, arrays of the same length: what will be sent for each record. */
export function insertEffects(source: string): string {
  return `
    insert into idempotency_effect (scope, key, request)
    select m.records->n->>'scope', m.records->n->>'key', m.requests->>n
      from ${source} m
     cross join lateral generate_series(0, jsonb_array_length(m.requests) - 1) n`;
}

const INTEND = `
  with member as (select * from jsonb_to_recordset($1::jsonb) as m(no int, records jsonb, requests jsonb)),
  free as (${freeMembers('member')}),
  recorded as (${insertRecords('free')}),
  written as (${insertEffects('free')})
  select no from free`;

const COMPLETE = `
  with member as (select * from jsonb_to_recordset($1::jsonb) as m(completions jsonb))
  ${completeRecords('member')}`;

/** The operations of the effect door, with their records, in Postgres. */
export class PostgresEffectStore extends PostgresLeaseStore implements EffectStore {
  constructor(private readonly database: SqlSession) {
    super(database, EFFECT_SCOPE);
  }

  async load(keys: readonly string[]): Promise<readonly (IdempotencyRecord | null)[]> {
    const result = await this.database.query(
      `select ${recordOf(`'${EFFECT_SCOPE}'`, 'm.key')} as record
         from jsonb_to_recordset($1::jsonb) as m(no int, key text)
        order by m.no`,
      [JSON.stringify(keys.map((key, no) => ({ no, key })))],
    );
    return rowsOf<{ record: IdempotencyRecord | null }>(result).map(({ record }) => record);
  }

  async intend(intents: readonly Intent[]): Promise<ReadonlySet<number>> {
    const members = intents.map(({ record, request }, no) => ({ no, records: [record], requests: [request] }));
    const result = await this.database.query(INTEND, [JSON.stringify(members)]);
    return new Set(rowsOf<{ no: number }>(result).map(({ no }) => no));
  }

  async read({ scope, key, subject }: Lease): Promise<StoredEffect> {
    const result = await this.database.query(
      `select request, sends,
              coalesce(extract(epoch from clock_timestamp() - first_sent_at) * 1000, 0)::float8 as since_first_send_ms
         from idempotency_effect where scope = $1 and key = $2`,
      [scope, key],
    );
    const row = rowsOf<{ request: string; sends: number; since_first_send_ms: number }>(result)[0];
    if (row === undefined) throw new Error(`The record of ${key} has no effect to be sent.`);
    const operation = { key, subject, request: row.request };
    return { operation, sends: row.sends, sinceFirstSendMs: row.since_first_send_ms };
  }

  /**
   * Locks: the record first, so that no rescuer takes it over between the look at its token and the count. The number of
   * sends is compared too: two holders that read the same number cannot both count it.
   */
  async countSend({ scope, key, token }: Lease, sends: number): Promise<boolean> {
    const result = await this.database.query(
      `with held as (
         select scope, key from idempotency_record
          where scope = $1 and key = $2 and lease_token = $3 and outcome is null
            for update),
       counted as (
         update idempotency_effect e
            set sends = e.sends + 1, first_sent_at = coalesce(e.first_sent_at, clock_timestamp())
           from held h
          where e.scope = h.scope and e.key = h.key and e.sends = $4
         returning e.scope, e.key)
       update idempotency_record r set recovery_point = '${SENT}'
         from counted c where r.scope = c.scope and r.key = c.key
       returning r.key`,
      [scope, key, token, sends],
    );
    return rowsOf(result).length === 1;
  }

  async park({ scope, key, token }: Lease): Promise<void> {
    await this.database.query(
      `update idempotency_record set recovery_point = '${PARKED}'
        where scope = $1 and key = $2 and lease_token = $3 and outcome is null`,
      [scope, key, token],
    );
  }

  async complete({ scope, key }: Lease, outcome: EffectOutcome): Promise<void> {
    await this.database.query(COMPLETE, [JSON.stringify([{ completions: [{ scope, key, outcome }] }])]);
  }
}
