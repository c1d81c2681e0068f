-- A key at the provider stands for one operation of one order with the same parameters every time.
--
-- judged: always
select min(order_id) as order_id, idempotency_key, count(distinct order_id) as orders,
       count(distinct operation) as operations, count(distinct fingerprint) as fingerprints
  from provider_call
 where idempotency_key is not null
 group by idempotency_key
having count(distinct order_id) > 1 or count(distinct operation) > 1 or count(distinct fingerprint) > 1
 order by min(seq)
