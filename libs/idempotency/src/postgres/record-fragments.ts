/**
 * The parts of a commit statement that make it count once. Each function returns the body of a common table expression;
 * `source` names a relation with one row per member of the batch and the jsonb columns named below.
 *
 *     with member as (select * from jsonb_to_recordset($1) as m(no int, records jsonb, completions jsonb, …)),
 *          free as (<freeMembers('member')>),
 *          …changes that read from `free`…,
 *          recorded as (<insertRecords('free')>)
 *
 * Why this is safe. `free` drops a member whose record exists, and one whose key another transaction is working on: the
 * transaction-level advisory lock is only tried, so a batch never waits for a twin. Between the statement's snapshot and
 * its lock a twin may still have committed unseen; then the insert violates the primary key and the whole statement
 * rolls back, changes included. So the primary key decides every race, and no member is ever applied without its record.
 */

/**
 * Reads `records`. Members whose records are all absent and whose keys nobody is working on.
 *
 * The record is looked for by a scalar subquery, since for a second `exists` the planner may hash the whole table.
 */
export function freeMembers(source: string): string {
  return `
    select m.*
      from ${source} m
     where not exists (
       select from jsonb_to_recordset(m.records) as r(scope text, key text)
        where not pg_try_advisory_xact_lock(hashtextextended(r.scope || E'\\n' || r.key, 0))
           or (select true from idempotency_record x where x.scope = r.scope and x.key = r.key))`;
}

/** Reads `records`: array of NewRecord. A plain insert on purpose: a violated primary key must undo the statement. */
export function insertRecords(source: string): string {
  return `
    insert into idempotency_record
           (scope, key, fingerprint, subject, recovery_point, outcome, finished_at, retention_ms, keep_until,
            lease_token, leased_by, lease_expires_at)
    select r.scope, r.key, r.fingerprint, r.subject, r."recoveryPoint", r.outcome,
           case when r.outcome is not null then clock_timestamp() end, r."retentionMs",
           case when r.outcome is not null then clock_timestamp() + ${milliseconds('r."retentionMs"')} end,
           case when r.lease is null then 0 else 1 end,
           r.lease->>'holder',
           clock_timestamp() + ${milliseconds("(r.lease->>'leaseMs')")}
      from ${source} m
     cross join lateral jsonb_to_recordset(m.records)
        as r(scope text, key text, fingerprint text, subject text, "recoveryPoint" text, outcome jsonb,
             "retentionMs" bigint, lease jsonb)`;
}

/**
 * Reads `completions`: array of Completion. Not conditional on a lease: an outcome is what was observed outside, and an
 * observation counts whoever made it. The first outcome stays.
 *
 * Locks: records in the order of scope and key, as every statement here that waits for more than one. The locking
 * sub-select cannot be merged into the joins around it, and `offset 0` keeps its members sorted: each record is found by
 * its key, one after the other, whatever the planner thinks of the table. It guesses a hundred rows per array: one array of
 * all completions, since a guess of a hundred per member would make reading the whole table look cheap.
 */
export function completeRecords(source: string): string {
  return `
    update idempotency_record r
       set outcome = c.outcome, recovery_point = 'finished', finished_at = clock_timestamp(), lease_expires_at = null,
           keep_until = clock_timestamp() + ${milliseconds('r.retention_ms')}
      from (select c.scope, c.key, c.outcome
              from (select *
                      from jsonb_to_recordset((
                             select jsonb_agg(each_one)
                               from ${source} m cross join lateral jsonb_array_elements(m.completions) as each_one))
                        as completion(scope text, key text, outcome jsonb)
                     order by scope, key) c
             cross join lateral (
                    select from idempotency_record x
                     where x.scope = c.scope and x.key = c.key and x.outcome is null
                       for update) x
            offset 0) c
     where r.scope = c.scope and r.key = c.key`;
}

/** A scalar subquery: the record of (scope, key) as an IdempotencyRecord in jsonb, or null. */
export function recordOf(scope: string, key: string): string {
  return `(
    select jsonb_build_object(
             'scope', r.scope, 'key', r.key, 'fingerprint', r.fingerprint,
             'subject', r.subject, 'recoveryPoint', r.recovery_point,
             'leaseToken', r.lease_token, 'isLeaseLive', coalesce(r.lease_expires_at > clock_timestamp(), false),
             'ageMs', extract(epoch from clock_timestamp() - r.created_at) * 1000, 'outcome', r.outcome)
      from idempotency_record r
     where r.scope = ${scope} and r.key = ${key})`;
}

/** Null stays null: no lease, or no end. */
const milliseconds = (expression: string): string => `make_interval(secs => ${expression}::double precision / 1000)`;
