-- An order's units are where the order is: sold when it is confirmed, given back or never taken when it is cancelled, and held
-- until it ends.
select id as order_id, status, stock
  from customer_order
 where (status = 'confirmed' and stock <> 'sold')
    or (status = 'cancelled' and stock not in ('none', 'returned'))
    or (status in ('pending', 'parked') and stock <> 'reserved')
 order by id
