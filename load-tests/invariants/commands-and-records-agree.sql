-- No command was lost and none was invented: every operation that was answered has a finished record at its participant, and
-- every record stems from an operation that a saga has asked for.
with step as (
  select subject, key, is_finished from idempotency_record where scope = 'step'),
line as (
  select order_id, event, outcome, saga_id || '/' || step || '/' || direction || '/' || generation as key
    from saga_timeline
   where event in ('sent', 'replied')),
answered as (
  select distinct order_id, key from line where event = 'replied' and outcome in ('ok', 'refused'))
select a.order_id, a.key as operation, 'answered, but not on record' as problem
  from answered a
  left join step s on s.key = a.key and s.is_finished
 where s.key is null
 union all
select split_part(s.subject, '/', 1), s.key, 'on record, but never asked for'
  from step s
 where not exists (select from line l where l.event = 'sent' and l.key = s.key)
 order by operation
