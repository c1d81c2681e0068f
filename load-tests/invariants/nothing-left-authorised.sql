-- No order that has ended leaves money reserved on a card: every authorisation was captured or voided.
select l.order_id, o.status, l.payment_intent, count(*) filter (where l.kind = 'authorise') as authorised,
       count(*) filter (where l.kind in ('capture', 'void')) as released
  from ledger l
  join customer_order o on o.id = l.order_id
 where o.status in ('confirmed', 'cancelled')
 group by l.order_id, o.status, l.payment_intent
having count(*) filter (where l.kind = 'authorise') > count(*) filter (where l.kind in ('capture', 'void'))
 order by l.order_id
