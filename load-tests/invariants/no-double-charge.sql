-- At most one capture per order, at every prefix of the provider's ledger: a second one is a double charge, even when it is
-- refunded later.
--
-- judged: always
select coalesce(order_id, payment_intent) as order_id, count(*) as captures, sum(amount) as captured
  from ledger
 where kind = 'capture'
 group by 1
having count(*) > 1
 order by 1
