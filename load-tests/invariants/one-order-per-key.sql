-- A key of an account has made one order at most.
select account, idempotency_key, count(*) as orders, min(id) as order_id
  from customer_order
 group by account, idempotency_key
having count(*) > 1
 order by account, idempotency_key
