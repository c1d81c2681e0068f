-- An order stands where its sagas have left it: confirmed by a completed checkout, cancelled by one that was undone or by a
-- refund.
with checkout as (select * from saga where definition = 'checkout'),
     refund as (select * from saga where definition = 'refund')
select o.id as order_id, o.status, c.state as checkout, r.state as refund
  from customer_order o
  left join checkout c on c.order_id = o.id
  left join refund r on r.order_id = o.id
 where c.id is null
    or (c.state = 'completed' and o.status <> 'confirmed')
    or (c.state = 'compensated' and o.status <> 'cancelled')
    or (c.state = 'handed-over' and r.id is null)
    or (r.id is not null and c.state <> 'handed-over')
    or (r.state = 'completed' and o.status <> 'cancelled')
    or (o.status = 'confirmed' and c.state in ('running', 'compensating', 'undone', 'compensated'))
    or (o.status = 'cancelled' and c.state in ('running', 'pivoted', 'completed'))
 order by o.id
