-- Who has seen an order ended never sees it otherwise, except that a confirmed one may be cancelled by its refund.
--
-- judged: with requests
with seen as (
  select order_id, order_status, sent_at, received_at from request
   where method = 'GET' and status = 200 and order_id is not null)
select later.order_id, earlier.order_status as "was", earlier.received_at, later.order_status as "is", later.sent_at
  from seen earlier
  join seen later on later.order_id = earlier.order_id and later.sent_at > earlier.received_at
 where (earlier.order_status = 'cancelled' and later.order_status <> 'cancelled')
    or (earlier.order_status = 'confirmed' and later.order_status not in ('confirmed', 'cancelled'))
 order by later.order_id
