/**
 * What the audit reads of each service's database, and into which table of `scratch.sql` it goes. These statements are the
 * audit's own: one that a service uses, and that were wrong, would be wrong here too.
 */

import { APPLICATION } from './postgres-client.mjs';

const CUSTOMER_ORDERS = `
  select id, account, idempotency_key, status, reason, items, amount, currency, email, stock,
         payment->>'status' as payment_status, payment->'capturedAmount' as captured_amount,
         payment->'refundedAmount' as refunded_amount, created_at, cancel_requested_at
    from customer_order`;

const SAGAS = `
  select id, subject_id as order_id, definition, state, step, direction, generation, attempt, parked_reason, created_at
    from saga`;

const TIMELINES = `
  select subject_id as order_id, seq, at, service, replica, saga_id, step, direction, generation, attempt, event, outcome,
         cause, detail
    from saga_timeline`;

const PAYMENTS = `
  select order_id, goal, reason, amount, currency, intent_id, intent_status, captured_amount, refunded_amount,
         jsonb_array_length(jsonb_path_query_array(requests, '$[*] ? (@.isAnswered == false)')) as open_requests
    from payment`;

const CORRESPONDENCES = `
  select order_id, confirmation->>'status' as confirmation_status, cancellation->>'status' as cancellation_status
    from correspondence`;

const MAIL_ATTEMPTS = 'select order_id, template, outcome from mail_attempt';

/** The order that a message is about, where its bytes name one; they may be anything. */
const ORDER_OF_BODY = `substring(encode(body, 'escape') from '"orderId" *: *"([0-9a-f-]{36})"')`;

/** The tables that every service has from the libraries, and what its server says of it. */
const sharedBy = (service) => [
  {
    table: 'idempotency_record',
    query: `
      select '${service}' as service, scope, key, subject, recovery_point, leased_by, lease_expires_at,
             outcome is not null as is_finished, outcome->'headers'->>'location' as location, created_at
        from idempotency_record`,
  },
  {
    table: 'outbox_message',
    query: `
      select '${service}' as service, id, destination, type, attempts, last_error, created_at from outbox_message`,
  },
  {
    table: 'failed_delivery',
    query: `
      select '${service}' as service, id, queue, type, reason, attempts, next_attempt_at, dead_lettered_at, discarded_at,
             discard_note, (${ORDER_OF_BODY}) as order_id
        from failed_delivery`,
  },
  {
    table: 'open_transaction',
    query: `
      select '${service}' as service, state as what, application_name as application,
             extract(epoch from clock_timestamp() - state_change) as open_s
        from pg_stat_activity
       where datname = current_database() and state like 'idle in transaction%' and application_name <> '${APPLICATION}'
       union all
      select '${service}', 'prepared transaction', gid, extract(epoch from clock_timestamp() - prepared)
        from pg_prepared_xacts where database = current_database()`,
  },
  {
    table: 'unique_index',
    query: `
      select '${service}' as service, x.indrelid::regclass::text as relation,
             (select string_agg(a.attname, ', ' order by k.place)
                from unnest(x.indkey) with ordinality as k(number, place)
                join pg_attribute a on a.attrelid = x.indrelid and a.attnum = k.number) as columns,
             x.indpred is not null as is_partial
        from pg_index x
        join pg_class c on c.oid = x.indrelid
       where x.indisunique and x.indisvalid and c.relnamespace = 'public'::regnamespace`,
  },
];

export const SERVICE_TABLES = {
  order: [
    { table: 'customer_order', query: CUSTOMER_ORDERS },
    { table: 'stock_item', query: 'select sku, available, reserved, sold from stock_item' },
    { table: 'saga', query: SAGAS },
    { table: 'saga_timeline', query: TIMELINES },
    ...sharedBy('order'),
  ],
  payment: [{ table: 'payment', query: PAYMENTS }, ...sharedBy('payment')],
  notification: [
    { table: 'correspondence', query: CORRESPONDENCES },
    { table: 'mail_attempt', query: MAIL_ATTEMPTS },
    ...sharedBy('notification'),
  ],
};
