-- Every try of an operation at the provider carries the same key; it gets a new one only after the provider has answered no
-- under the old one, and would repeat that for as long as the key lives.
--
-- The luck that prevents a double charge today is not counted: a key per attempt is found here even when nothing was charged.
-- 409 and 429 are no such answer: they say "not now", and the provider does not keep them.
--
-- judged: always
with key_use as (
  select order_id, operation, idempotency_key, min(seq) as first_seq
    from provider_call
   where idempotency_key is not null
   group by order_id, operation, idempotency_key),
succession as (
  select u.*, lag(idempotency_key) over (partition by order_id, operation order by first_seq) as previous_key
    from key_use u)
select s.order_id, s.operation, s.previous_key, s.idempotency_key, s.first_seq
  from succession s
 where s.previous_key is not null
   and not exists (
       select from provider_call c
        where c.order_id is not distinct from s.order_id and c.operation = s.operation
          and c.idempotency_key = s.previous_key and c.seq < s.first_seq
          and c.status >= 400 and c.status not in (409, 429))
 order by s.first_seq
