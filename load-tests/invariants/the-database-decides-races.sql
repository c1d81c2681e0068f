-- The unique indexes that decide between twins are in force: without them the data may look right by luck.
with needed (service, relation, columns, is_partial) as (
  values ('order', 'idempotency_record', 'scope, key', false),
         ('payment', 'idempotency_record', 'scope, key', false),
         ('notification', 'idempotency_record', 'scope, key', false),
         ('order', 'customer_order', 'idempotency_key, account', false),
         ('order', 'saga', 'subject_id', true),
         ('order', 'saga_timeline', 'subject_id, seq', false),
         ('payment', 'payment', 'order_id', false),
         ('payment', 'payment', 'intent_id', false),
         ('notification', 'correspondence', 'order_id', false))
select n.service, n.relation, n.columns
  from needed n
 where not exists (select from unique_index u
                    where (u.service, u.relation, u.columns, u.is_partial)
                        = (n.service, n.relation, n.columns, n.is_partial))
 order by n.service, n.relation
