-- No mail is waiting to be sent: each was sent, voided by a later one, or refused for good.
select order_id, confirmation_status, cancellation_status
  from correspondence
 where 'queued' in (confirmation_status, cancellation_status)
 order by order_id
