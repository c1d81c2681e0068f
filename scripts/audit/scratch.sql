-- Where the auditor lays the records of all sources side by side. Temporary tables of one connection: nothing is left behind,
-- and with pg_temp as the only schema on the path, an invariant reaches nothing but what was read.
--
-- Order ids are text, because the world outside may hold ids that are none of ours.
set search_path = pg_temp;

-- the world outside (the sandbox's journals)

-- Every movement of money, in the order in which the provider booked it; amounts are positive minor units.
create temporary table ledger (
  seq bigint, at timestamptz, kind text, order_id text, payment_intent text, amount bigint, currency text,
  idempotency_key text);

-- Every call the provider saw, refused ones too; status is null where no answer left it.
create temporary table provider_call (
  seq bigint, at timestamptz, operation text, order_id text, payment_intent text, idempotency_key text,
  fingerprint text, status int, applied boolean, fault text);

create temporary table mail (
  seq bigint, at timestamptz, order_id text, template text, recipient text, message_id text);

-- Attempts of the provider to deliver a webhook; `reference` is the event's id.
create temporary table webhook_attempt (
  seq bigint, at timestamptz, order_id text, reference text, status int, fault text);

-- The faults in force while the audit reads.
create temporary table fault_rule (operation text, fault text);

-- the order service

create temporary table customer_order (
  id text, account text, idempotency_key text, status text, reason text, items jsonb, amount bigint, currency text,
  email text, stock text, payment_status text, captured_amount bigint, refunded_amount bigint,
  created_at timestamptz, cancel_requested_at timestamptz);

create temporary table stock_item (sku text, available bigint, reserved bigint, sold bigint);

create temporary table saga (
  id text, order_id text, definition text, state text, step text, direction text, generation int, attempt int,
  parked_reason text, created_at timestamptz);

create temporary table saga_timeline (
  order_id text, seq int, at timestamptz, service text, replica int, saga_id text, step text, direction text,
  generation int, attempt int, event text, outcome text, cause int, detail jsonb);

-- the payment and the notification service

-- `open_requests`: how many of the operations that asked something of the payment have no answer yet.
create temporary table payment (
  order_id text, goal text, reason text, amount bigint, currency text, intent_id text, intent_status text,
  captured_amount bigint, refunded_amount bigint, open_requests int);

create temporary table correspondence (order_id text, confirmation_status text, cancellation_status text);

-- The send ledger; `outcome` is null where the answer was never learned.
create temporary table mail_attempt (order_id text, template text, outcome text);

-- what each of the three has

-- `location` is that of a stored answer to a request.
create temporary table idempotency_record (
  service text, scope text, key text, subject text, recovery_point text, leased_by text, lease_expires_at timestamptz,
  is_finished boolean, location text, created_at timestamptz);

create temporary table outbox_message (
  service text, id text, destination text, type text, attempts int, last_error text, created_at timestamptz);

create temporary table failed_delivery (
  service text, id text, queue text, type text, order_id text, reason text, attempts int, next_attempt_at timestamptz,
  dead_lettered_at timestamptz, discarded_at timestamptz, discard_note text);

-- Sessions that hold a transaction open and do nothing in it, and prepared transactions.
create temporary table open_transaction (service text, what text, application text, open_s double precision);

create temporary table unique_index (service text, relation text, columns text, is_partial boolean);

-- the broker

-- `expected_consumers` is null where nobody knows how many there should be.
create temporary table queue (
  name text, ready bigint, unacknowledged bigint, consumers int, expected_consumers int, is_dead_letter boolean);

-- what the caller of the audit knows

-- Every request that was sent, with its answer; status is null where none came. Empty without a request log.
create temporary table request (
  seq bigint, sent_at timestamptz, received_at timestamptz, account text, key text, fingerprint text, method text,
  path text, status int, body_digest text, order_id text, order_status text);

-- Units of an SKU before anything happened.
create temporary table initial_stock (sku text, units bigint);

-- When the sources were read, by the clock of the database.
create temporary table reading (at timestamptz);
