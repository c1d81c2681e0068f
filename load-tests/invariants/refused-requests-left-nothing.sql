-- A key whose requests were all refused has made no order.
--
-- judged: with requests
select o.id as order_id, o.account, o.idempotency_key, min(r.status) as status
  from customer_order o
  join request r on r.method = 'POST' and r.path = '/orders' and r.account = o.account and r.key = o.idempotency_key
 group by o.id, o.account, o.idempotency_key
having bool_and(r.status is not null and r.status between 400 and 499 and r.status not in (409, 410, 429))
 order by o.id
