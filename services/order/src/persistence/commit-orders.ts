import { freeMembers, insertRecords } from '@once/idempotency';
import { insertOutbox } from '@once/messaging';
import { commitSagas } from '@once/saga';

/** The columns of customer_order that a placed order fills, as jsonb_to_record reads an Order. */
const PLACED_COLUMNS = `
  id uuid, account text, status text, reason text, items jsonb, amount bigint, currency text, email text,
  "paymentMethod" text, stock text, payment jsonb, "createdAt" timestamptz`;

const CHANGED_COLUMNS = `
  id uuid, status text, reason text, stock text, payment jsonb, "cancelRequestedAt" timestamptz`;

/**
 * Everything the order service decides is committed by this one statement; a member applies wholly or not at all.
 *
 * - `free`: its idempotency record, if it has one, is still absent.
 * - `saga_moved`, `saga_started`: its saga still has the version that it was decided on.
 * - `applied`: both hold. Orders, stock, records and messages are written for these members only.
 * - A second order under one key and a stock count below zero violate a constraint: the statement rolls back, the batch
 *   is halved, and the guilty member is loaded and decided again.
 *
 * Locks: sagas in the order of their ids, then stock in the order of SKUs, each movement summed up per SKU. So a batch
 * takes one lock per SKU, however many orders want it, and two batches never wait for each other in a circle.
 */
export const COMMIT_ORDERS = `
  with member as (
    select * from jsonb_to_recordset($1::jsonb)
      as m(no int, placed jsonb, "idempotencyKey" text, changed jsonb, saga_move jsonb, saga_start jsonb,
           movements jsonb, records jsonb, messages jsonb)),
  free as (${freeMembers('member')}),
  ${commitSagas('free')},
  applied as (
    select m.* from free m
     where (m.saga_move is null or (m.saga_move->>'id')::uuid in (select id from saga_moved))
       and (m.saga_start is null or (m.saga_start->>'id')::uuid in (select id from saga_started))),
  placed as (
    insert into customer_order (id, account, idempotency_key, status, reason, items, amount, currency, email,
                                payment_method, stock, payment, created_at)
    select o.id, o.account, m."idempotencyKey", o.status, o.reason, o.items, o.amount, o.currency, o.email,
           o."paymentMethod", o.stock, o.payment, o."createdAt"
      from applied m
     cross join lateral jsonb_to_record(m.placed) as o(${PLACED_COLUMNS})
     where m.placed is not null),
  changed as (
    update customer_order o
       set status = c.status, reason = c.reason, stock = c.stock, payment = c.payment,
           cancel_requested_at = c."cancelRequestedAt", updated_at = clock_timestamp()
      from applied m
     cross join lateral jsonb_to_record(m.changed) as c(${CHANGED_COLUMNS})
     where o.id = c.id),
  movement as (
    select v.sku, sum(v.available) as available, sum(v.reserved) as reserved, sum(v.sold) as sold
      from applied m
     cross join lateral jsonb_to_recordset(m.movements) as v(sku text, available bigint, reserved bigint, sold bigint)
     group by v.sku),
  stock_locked as (
    select i.sku from stock_item i where i.sku in (select sku from movement) order by i.sku for update),
  stock_moved as (
    update stock_item i
       set available = i.available + v.available, reserved = i.reserved + v.reserved, sold = i.sold + v.sold,
           version = i.version + 1
      from stock_locked l
      join movement v on v.sku = l.sku
     where i.sku = l.sku),
  recorded as (${insertRecords('applied')}),
  sent as (${insertOutbox('applied')})
  select no, clock_timestamp() as "committedAt" from applied`;
