-- Every delivery was settled: none waits to be tried again.
select service, order_id, id, queue, type, reason, attempts, next_attempt_at
  from failed_delivery
 where next_attempt_at is not null
 order by next_attempt_at
