-- The customer is told each end of the order once: a copy of the same message is allowed, a second message is not, nor one
-- about something that did not happen. A mailbox that refuses for good is told nothing.
with told as (
  select order_id, count(distinct message_id) filter (where template = 'confirmed') as confirmed,
         count(distinct message_id) filter (where template = 'cancelled') as cancelled
    from mail
   group by order_id),
history as (
  select o.id, o.status, coalesce(t.confirmed, 0) as confirmed, coalesce(t.cancelled, 0) as cancelled,
         c.confirmation_status, c.cancellation_status,
         exists (select from saga_timeline l where l.order_id = o.id and l.event = 'pivoted') as was_confirmed
    from customer_order o
    left join told t on t.order_id = o.id
    left join correspondence c on c.order_id = o.id)
select id as order_id, status, confirmed as "confirmation mails", cancelled as "cancellation mails", confirmation_status,
       cancellation_status
  from history
 where confirmed > 1 or cancelled > 1
    or (confirmed = 1 and not was_confirmed)
    or (cancelled = 1 and status <> 'cancelled')
    or (status = 'confirmed' and confirmed = 0 and confirmation_status is distinct from 'undeliverable')
    or (status = 'cancelled' and cancelled = 0 and cancellation_status is distinct from 'undeliverable')
 order by id
