-- Whatever order was answered for exists: accepted work survives.
--
-- judged: with requests
select r.order_id, r.seq, r.account, r.key, r.status
  from request r
  left join customer_order o on o.id = r.order_id
 where r.method = 'POST' and r.status in (200, 202) and o.id is null
 order by r.seq
