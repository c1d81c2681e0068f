-- Nothing was given up silently: each dead letter was discarded with a note, and the broker's own dead-letter queues, the last
-- net, are empty.
select service, order_id, id::text, queue, type, reason, attempts, dead_lettered_at
  from failed_delivery
 where dead_lettered_at is not null and discarded_at is null
 union all
select null, null, null, name, null, ready + unacknowledged || ' messages', null, null
  from queue
 where is_dead_letter and ready + unacknowledged > 0
 order by queue
