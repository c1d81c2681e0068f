-- A saga is answered once per operation: whatever comes again is late and moves nothing.
select order_id, saga_id, step, direction, generation, count(*) as answers
  from saga_timeline
 where event = 'replied' and outcome in ('ok', 'refused')
 group by order_id, saga_id, step, direction, generation
having count(*) > 1
 order by order_id
