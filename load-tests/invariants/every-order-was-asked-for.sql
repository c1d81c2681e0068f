-- Every order since the first request on record stems from a request that was really sent.
--
-- judged: with requests
select o.id as order_id, o.account, o.idempotency_key, o.created_at
  from customer_order o
 where o.created_at >= (select min(sent_at) from request)
   and not exists (select from request r
                    where r.method = 'POST' and r.account = o.account and r.key = o.idempotency_key)
 order by o.id
