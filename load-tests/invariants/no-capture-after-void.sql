-- Nothing is captured after the order's money was given back, by a void or a refund.
--
-- judged: always
select c.order_id, c.seq as capture, e.kind as "after", e.seq as returned
  from ledger c
  join ledger e on e.order_id = c.order_id and e.seq < c.seq and e.kind in ('void', 'refund')
 where c.kind = 'capture'
 order by c.seq
