-- A saga's history goes only along the edges of its state machine: it starts once, passes its pivot or is undone but never
-- both, ends once, and does nothing afterwards. Only a completed checkout may still be handed over to a refund.
with milestone as (
  select order_id, saga_id, seq, event,
         lag(event) over (partition by saga_id order by seq) as before
    from saga_timeline
   where event in ('started', 'pivoted', 'undone', 'completed', 'compensated', 'handed-over')),
allowed (before, event) as (
  values (null, 'started'),
         ('started', 'pivoted'), ('started', 'undone'), ('started', 'completed'),
         ('pivoted', 'completed'), ('pivoted', 'handed-over'), ('completed', 'handed-over'),
         ('undone', 'compensated')),
closing as (
  select saga_id, min(seq) as seq from milestone where event in ('completed', 'compensated', 'handed-over') group by saga_id)
select m.order_id, m.saga_id, m.seq, m.before, m.event
  from milestone m
 where not exists (select from allowed a where a.event = m.event and a.before is not distinct from m.before)
 union all
select t.order_id, t.saga_id, t.seq, 'end', t.event
  from saga_timeline t
  join closing c on c.saga_id = t.saga_id and t.seq > c.seq
 where t.event in ('executed', 'sent', 'parked', 'deadline-passed')
    or (t.event = 'replied' and t.outcome not in ('late', 'duplicate'))
 order by seq
