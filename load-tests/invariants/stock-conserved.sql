-- Units are never negative and never made or lost: what orders hold is reserved, what they bought is sold, and together with
-- what is available they are as many as at first, where that is known.
with held as (
  select i.sku, sum(i.quantity) filter (where o.stock = 'reserved') as reserved,
         sum(i.quantity) filter (where o.stock = 'sold') as sold
    from customer_order o
   cross join lateral jsonb_to_recordset(o.items) as i(sku text, quantity bigint)
   group by i.sku)
select s.sku, s.available, s.reserved, coalesce(h.reserved, 0) as "held by orders", s.sold,
       coalesce(h.sold, 0) as "bought by orders", t.units as "at first"
  from stock_item s
  left join held h on h.sku = s.sku
  left join initial_stock t on t.sku = s.sku
 where s.available < 0 or s.reserved < 0 or s.sold < 0
    or s.reserved <> coalesce(h.reserved, 0)
    or s.sold <> coalesce(h.sold, 0)
    or s.available + s.reserved + s.sold <> coalesce(t.units, s.available + s.reserved + s.sold)
 order by s.sku
