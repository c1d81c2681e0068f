-- What an ended order shows its customer as captured and refunded is what the provider has booked.
with booked as (
  select order_id, coalesce(sum(amount) filter (where kind = 'capture'), 0) as captured,
         coalesce(sum(amount) filter (where kind = 'refund'), 0) as refunded
    from ledger
   group by order_id)
select o.id as order_id, o.status, o.payment_status, o.captured_amount as "shown captured",
       coalesce(b.captured, 0) as "ledger's captured", o.refunded_amount as "shown refunded",
       coalesce(b.refunded, 0) as "ledger's refunded"
  from customer_order o
  left join booked b on b.order_id = o.id
 where o.status in ('confirmed', 'cancelled')
   and (coalesce(o.captured_amount, 0) <> coalesce(b.captured, 0)
        or coalesce(o.refunded_amount, 0) <> coalesce(b.refunded, 0))
 order by o.id
