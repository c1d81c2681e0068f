-- No message lies in a service's queue, or with a consumer that never settles it.
select name, ready, unacknowledged
  from queue
 where not is_dead_letter and ready + unacknowledged > 0
 order by name
