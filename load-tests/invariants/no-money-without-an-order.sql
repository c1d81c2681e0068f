-- The provider has booked nothing for an order that does not exist.
select l.order_id, l.seq, l.kind, l.amount, l.currency
  from ledger l
  left join customer_order o on o.id = l.order_id
 where o.id is null
 order by l.seq
