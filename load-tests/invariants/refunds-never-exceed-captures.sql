-- Never has more been refunded than was captured, at every prefix of the provider's ledger and not only at its end.
--
-- judged: always
select order_id, seq, balance
  from (select order_id, seq, kind,
               sum(case kind when 'capture' then amount when 'refund' then -amount else 0 end)
                 over (partition by order_id order by seq) as balance
          from ledger) l
 where kind = 'refund' and balance < 0
 order by seq
