/**
 * Everything the outside world remembers. Executed at every start, by the one process that owns the database; twice is
 * nothing.
 *
 * `ledger_entry` is the record that audits believe, so the database itself refuses to change or delete a row of it.
 * The state of intents is kept as a document: only the sandbox reads it, and it does so whole.
 */
export const SCHEMA = `
create table if not exists ledger_entry (
  seq             bigint primary key,
  at              timestamptz not null,
  kind            text not null constraint ledger_kind_known check (kind in ('authorise', 'capture', 'void', 'refund')),
  order_id        text,
  payment_intent  text not null,
  amount          bigint not null constraint ledger_amount_positive check (amount > 0),
  currency        text not null,
  idempotency_key text
);
create index if not exists ledger_entry_by_order on ledger_entry (order_id, seq);

create table if not exists call (
  seq             bigint primary key,
  at              timestamptz not null,
  operation       text not null,
  order_id        text,
  payment_intent  text,
  idempotency_key text,
  fingerprint     text not null,
  status          integer,
  applied         boolean not null,
  fault           text,
  fault_rule      integer,
  plan            integer not null
);
create index if not exists call_by_order on call (order_id, seq);
create index if not exists call_by_plan on call (plan) where plan > 0;

create table if not exists delivery (
  seq        bigint primary key,
  at         timestamptz not null,
  operation  text not null,
  order_id   text,
  reference  text not null,
  status     integer,
  error      text,
  fault      text,
  fault_rule integer,
  plan       integer not null
);
create index if not exists delivery_by_order on delivery (order_id, seq);
create index if not exists delivery_by_plan on delivery (plan) where plan > 0;

create table if not exists mail (
  seq             bigint primary key,
  at              timestamptz not null,
  order_id        text,
  template        text,
  recipient       text not null,
  subject         text not null,
  message_id      text,
  idempotency_key text,
  via             text not null
);
create index if not exists mail_by_order on mail (order_id, seq);

-- An intent changes three times soon after it was created. No index has a column that changes, and pages keep room, so
-- that a change stays within its page.
create table if not exists payment_intent (
  id         text primary key,
  seq        bigint not null,
  created_at timestamptz not null,
  order_id   text,
  status     text not null,
  document   json not null
) with (fillfactor = 50);
create index if not exists payment_intent_by_order on payment_intent (order_id);
create index if not exists payment_intent_by_creation on payment_intent (created_at, seq);

create table if not exists refund (
  id             text primary key,
  seq            bigint not null,
  payment_intent text not null,
  created_at     timestamptz not null,
  document       json not null
);
create index if not exists refund_by_creation on refund (created_at, seq);
create index if not exists refund_by_intent on refund (payment_intent, seq);

create table if not exists event (
  id         text primary key,
  seq        bigint not null,
  created_at timestamptz not null,
  order_id   text,
  type       text not null,
  document   json not null
);
create index if not exists event_by_creation on event (created_at, seq);

-- Which events still have to be delivered: a row here is cheaper to take away than a row there is to change.
create table if not exists undelivered_event (id text primary key);

create table if not exists sticky_answer (
  key         text primary key,
  seq         bigint not null,
  fingerprint text not null,
  first_at    timestamptz not null,
  status      integer not null,
  body        text not null
);
create index if not exists sticky_answer_by_age on sticky_answer (seq);

create table if not exists world_setting (
  name     text primary key,
  document json not null
);

create or replace function refuse_to_rewrite_the_ledger() returns trigger language plpgsql as $$
begin
  raise exception 'the ledger is append-only';
end $$;
create or replace trigger ledger_is_append_only
  before update or delete or truncate on ledger_entry
  for each statement execute function refuse_to_rewrite_the_ledger();
`;
