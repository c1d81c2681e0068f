-- An order is parked because its saga is, so that nobody has to look for orders that no list of sagas shows.
select o.id as order_id, o.status
  from customer_order o
 where o.status = 'parked'
   and not exists (select from saga s where s.order_id = o.id and s.state = 'parked')
 order by o.id
