-- The payment service knows of each order exactly what the provider has captured and refunded.
with booked as (
  select order_id, coalesce(sum(amount) filter (where kind = 'capture'), 0) as captured,
         coalesce(sum(amount) filter (where kind = 'refund'), 0) as refunded
    from ledger
   group by order_id)
select coalesce(p.order_id, b.order_id) as order_id, p.captured_amount as "our captured", b.captured as "ledger's captured",
       p.refunded_amount as "our refunded", b.refunded as "ledger's refunded"
  from payment p
  full join booked b on b.order_id = p.order_id
 where coalesce(p.captured_amount, 0) <> coalesce(b.captured, 0)
    or coalesce(p.refunded_amount, 0) <> coalesce(b.refunded, 0)
 order by 1
