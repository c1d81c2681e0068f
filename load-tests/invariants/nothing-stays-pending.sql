-- Every order ends: once nothing is under way, none is pending.
select o.id as order_id, o.created_at, s.definition, s.state, s.step, s.direction, s.attempt
  from customer_order o
  left join saga s on s.order_id = o.id and s.state not in ('completed', 'compensated', 'handed-over')
 where o.status = 'pending'
 order by o.id
