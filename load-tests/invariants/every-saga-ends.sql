-- Every saga ends or is parked: once nothing is under way, none is between two steps.
select order_id, id as saga_id, definition, state, step, direction, generation, attempt
  from saga
 where state not in ('completed', 'compensated', 'handed-over', 'parked')
 order by order_id
