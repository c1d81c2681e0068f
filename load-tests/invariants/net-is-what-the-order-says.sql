-- A confirmed order is paid in full, a cancelled one not at all: captures less refunds, at the provider's ledger.
--
-- This is what finds the orphan charge, money taken for an order that does not stand, which no count of captures can see.
with net as (
  select order_id, sum(case kind when 'capture' then amount when 'refund' then -amount else 0 end) as net
    from ledger
   group by order_id)
select o.id as order_id, o.status, case o.status when 'confirmed' then o.amount else 0 end as due, coalesce(n.net, 0) as net
  from customer_order o
  left join net n on n.order_id = o.id
 where o.status in ('confirmed', 'cancelled')
   and coalesce(n.net, 0) <> case o.status when 'confirmed' then o.amount else 0 end
 order by o.id
