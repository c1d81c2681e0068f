-- Whoever asked something of a payment has an answer, unless the order is parked because there is none.
select p.order_id, p.goal, p.intent_status, p.open_requests
  from payment p
 where p.open_requests > 0
   and not exists (select from saga s where s.order_id = p.order_id and s.state = 'parked')
 order by p.order_id
