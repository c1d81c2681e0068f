-- A mail about an order goes to the customer who placed it, and one Message-ID names one mail.
with ambiguous as (
  select message_id
    from mail
   group by message_id
  having count(distinct (order_id, template)) > 1)
select m.order_id, m.seq, m.template, m.recipient, o.email as "customer", m.message_id
  from mail m
  left join customer_order o on o.id = m.order_id
  left join ambiguous a on a.message_id = m.message_id
 where o.id is null or a.message_id is not null or lower(m.recipient) <> lower(o.email)
 order by m.seq
