-- Every service's queue has a consumer per process, where that number is known, and at least one where it is not: neither a
-- silently dead one, nor one too many after reconnecting.
select name, consumers, expected_consumers
  from queue
 where not is_dead_letter
   and case when expected_consumers is null then consumers = 0 else consumers <> expected_consumers end
 order by name
