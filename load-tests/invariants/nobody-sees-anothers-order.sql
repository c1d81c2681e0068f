-- No account was ever answered with an order of another one.
--
-- judged: with requests
select r.order_id, r.seq, r.account, o.account as "owner", r.method, r.path, r.status
  from request r
  join customer_order o on o.id = r.order_id
 where r.status between 200 and 299 and r.account <> o.account
 order by r.seq
