/**
 * Writes the timeline of what `saga_moved` and `saga_started` say has really changed.
 *
 * Numbers have no gaps and never collide, although a subject may have two sagas that move at the same time (the refund,
 * and a late reply to the checkout): they are taken from the subject's row in saga_timeline_head by an update, which waits
 * for the other transaction and continues from what it left. `max(seq) + 1` would read an old snapshot there. Head rows
 * are locked in the order of their subjects and after all sagas, because their number is only known then.
 *
 * What a saga's own timeline says, on the other hand, is read from the snapshot: whoever adds to it moves the saga's
 * version, so a snapshot that is too old belongs to a change that was not applied.
 *
 * Rows are looked up by arrays of ids (`= any (array(…))`) where Postgres would otherwise expect a hundred rows per batch and
 * read a whole table instead.
 *
 * Repeats are counted, not listed: the first late reply to an operation that was answered before is a line with outcome
 * `duplicate`, and further ones raise its `count`. However often a broker redelivers, a timeline stays readable.
 */
export const appendTimeline = (source: string): string => `
  saga_change as (${changes(source)}),
  saga_line as (
    select c.subject_id, c.saga_id, c.is_start, c.predecessor_id, c.change->>'definition' as saga,
           c.change->>'service' as service, (c.change->>'replica')::integer as replica, c.change->>'traceId' as trace_id,
           e.ordinality, l.event, l.step, l.direction, l.generation, l.attempt, l."messageId" as message_id,
           case when c.is_repeat then 'duplicate' else l.outcome end as outcome,
           case when c.is_repeat then l.detail || '{"count": 1}' else l.detail end as detail,
           case when e.ordinality = 1 then c.cause end as cause
      from saga_change c
     cross join lateral jsonb_array_elements(c.change->'timeline') with ordinality as e(line, ordinality)
     cross join lateral jsonb_to_record(e.line)
        as l(event text, step text, direction text, generation integer, attempt integer, outcome text,
             "messageId" text, detail jsonb)
     where c.counted_by is null),
  saga_repeat_counted as (
    update saga_timeline t
       set detail = jsonb_set(t.detail, '{count}', to_jsonb((t.detail->>'count')::integer + 1))
      from saga_change c
     where t.subject_id = any (array(select subject_id from saga_change where counted_by is not null))
       and t.subject_id = c.subject_id and t.seq = c.counted_by),
  saga_timeline_reserved as (
    insert into saga_timeline_head as h (subject_id, last_seq)
    select l.subject_id, count(*) from saga_line l group by l.subject_id order by l.subject_id
        on conflict (subject_id) do update set last_seq = h.last_seq + excluded.last_seq
    returning subject_id, last_seq),
  saga_line_numbered as (
    select l.*, h.last_seq - count(*) over (partition by l.subject_id)
                + row_number() over (partition by l.subject_id order by l.is_start, l.saga_id, l.ordinality) as seq
      from saga_line l
      join saga_timeline_reserved h on h.subject_id = l.subject_id),
  saga_timeline_appended as (
    insert into saga_timeline
           (subject_id, seq, service, replica, saga_id, saga, step, direction, generation, attempt, event, outcome,
            message_id, cause, trace_id, detail)
    select n.subject_id, n.seq, n.service, n.replica, n.saga_id, n.saga, n.step, n.direction, n.generation, n.attempt,
           n.event, n.outcome, n.message_id,
           case when n.ordinality > 1 then n.seq - 1
                when n.predecessor_id is not null then
                  (select max(p.seq) from saga_line_numbered p where p.saga_id = n.predecessor_id)
                else n.cause end,
           n.trace_id, n.detail
      from saga_line_numbered n)`;

/** Every saga that changed, with what its timeline says already about the operation of the change's first line. */
const changes = (source: string): string => `
    select c.*, known.*
      from (select v.id as saga_id, v.subject_id, v.change, false as is_start, null::uuid as predecessor_id
              from saga_moved v
             union all
            select s.id, s.subject_id, m.saga_start, true, (m.saga_move->>'id')::uuid
              from ${source} m
              join saga_started s on s.id = (m.saga_start->>'id')::uuid) c
     cross join lateral jsonb_to_record(c.change->'timeline'->0)
        as f(event text, step text, direction text, generation integer, outcome text)
     cross join lateral (
           select bool_or(f.outcome = 'late' and t.event = 'replied' and t.outcome <> 'unknown'
                          and t.generation = f.generation) as is_repeat,
                  max(t.seq) filter (where f.outcome = 'late' and t.outcome = 'duplicate'
                                       and t.generation = f.generation) as counted_by,
                  max(t.seq) filter (where f.event in ('sent', 'replied')
                                       and (t.event = 'sent' and t.generation = f.generation
                                            or t.outcome = 'refused' and t.generation < f.generation)) as cause
             from saga_timeline t
            where t.subject_id = c.subject_id and t.saga_id = c.saga_id
              and t.step = f.step and t.direction = f.direction) known`;
