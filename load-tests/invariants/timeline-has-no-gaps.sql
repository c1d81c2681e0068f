-- Nothing is missing in an order's history: its lines are numbered from one without a gap, each after what led to it, and every
-- order has some.
select o.id as order_id, count(t.seq) as lines, min(t.seq) as first, max(t.seq) as last,
       count(*) filter (where t.cause >= t.seq) as "before their cause"
  from customer_order o
  left join saga_timeline t on t.order_id = o.id
 group by o.id
having count(t.seq) = 0 or min(t.seq) <> 1 or max(t.seq) <> count(distinct t.seq) or count(t.seq) <> count(distinct t.seq)
    or count(*) filter (where t.cause >= t.seq) > 0
 order by o.id
