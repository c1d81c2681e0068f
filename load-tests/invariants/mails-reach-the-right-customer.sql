-- A mail about an order goes to the customer who placed it, and one Message-ID names one mail.
select m.order_id, m.seq, m.template, m.recipient, o.email as "customer", m.message_id
  from mail m
  left join customer_order o on o.id = m.order_id
 where o.id is null
    or lower(m.recipient) <> lower(o.email)
    or exists (select from mail other
                where other.message_id = m.message_id
                  and (other.order_id, other.template) is distinct from (m.order_id, m.template))
 order by m.seq
