-- Every message that was committed has left: a row stays in the outbox until the broker has confirmed it.
select service, id, destination, type, attempts, last_error, created_at
  from outbox_message
 order by created_at
