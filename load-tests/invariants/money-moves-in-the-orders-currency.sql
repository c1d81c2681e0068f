-- Whatever is booked for an order is booked in its currency.
select l.order_id, l.seq, l.kind, l.currency, o.currency as "order's currency"
  from ledger l
  join customer_order o on o.id = l.order_id
 where l.currency <> o.currency
 order by l.seq
