/**
 * Writes one batch: ONE statement, so one commit, so all of it or nothing.
 *
 * It may be run again when the connection broke and nobody knows whether it was committed: rows of the records are
 * recognised by their number, and states are simply written again. Nothing newer can be overwritten that way, because
 * batches are written one after the other and only by the owner of the database (journal-session.ts).
 */
export const JOURNAL_STATEMENT = {
  name: 'journal-batch',
  text: `
with
  new_ledger as (
    insert into ledger_entry
    select * from json_to_recordset($1::json) as r (
      seq bigint, at timestamptz, kind text, order_id text, payment_intent text, amount bigint, currency text,
      idempotency_key text)
    on conflict (seq) do nothing),
  new_call as (
    insert into call
    select * from json_to_recordset($2::json) as r (
      seq bigint, at timestamptz, operation text, order_id text, payment_intent text, idempotency_key text,
      fingerprint text, status integer, applied boolean, fault text, fault_rule integer, plan integer)
    on conflict (seq) do nothing),
  landed_call as (
    update call set applied = true
    where seq in (select value::bigint from json_array_elements_text($3::json))),
  new_delivery as (
    insert into delivery
    select * from json_to_recordset($4::json) as r (
      seq bigint, at timestamptz, operation text, order_id text, reference text, status integer, error text,
      fault text, fault_rule integer, plan integer)
    on conflict (seq) do nothing),
  new_mail as (
    insert into mail
    select * from json_to_recordset($5::json) as r (
      seq bigint, at timestamptz, order_id text, template text, recipient text, subject text, message_id text,
      idempotency_key text, via text)
    on conflict (seq) do nothing),
  intent as (
    insert into payment_intent (id, seq, created_at, order_id, status, document)
    select * from json_to_recordset($6::json) as r (
      id text, seq bigint, created_at timestamptz, order_id text, status text, document json)
    on conflict (id) do update set status = excluded.status, document = excluded.document),
  new_refund as (
    insert into refund (id, seq, payment_intent, created_at, document)
    select * from json_to_recordset($7::json) as r (
      id text, seq bigint, payment_intent text, created_at timestamptz, document json)
    on conflict (id) do nothing),
  new_event as (
    insert into event (id, seq, created_at, order_id, type, document)
    select * from json_to_recordset($8::json) as r (
      id text, seq bigint, created_at timestamptz, order_id text, type text, document json)
    on conflict (id) do nothing
    returning id),
  undelivered as (
    insert into undelivered_event select id from new_event),
  delivered as (
    delete from undelivered_event
    where id in (select value from json_array_elements_text($9::json))),
  answer as (
    insert into sticky_answer (key, seq, fingerprint, first_at, status, body)
    select * from json_to_recordset($10::json) as r (
      key text, seq bigint, fingerprint text, first_at timestamptz, status integer, body text)
    on conflict (key) do update set
      seq = excluded.seq, fingerprint = excluded.fingerprint, first_at = excluded.first_at,
      status = excluded.status, body = excluded.body)
select`,
} as const;
