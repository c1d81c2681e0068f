-- An order has at most one saga under way, and never two of the same kind.
select order_id, string_agg(definition || ': ' || state, ', ' order by created_at) as sagas
  from saga
 group by order_id
having count(*) filter (where state not in ('completed', 'compensated', 'handed-over')) > 1
    or count(*) > count(distinct definition)
 order by order_id
