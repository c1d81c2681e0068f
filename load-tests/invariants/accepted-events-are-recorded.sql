-- An event of the provider that we took, by answering 2xx, about one of our orders has its record: it counts, and it counts once.
select w.order_id, w.reference as event, min(w.seq) as first_attempt
  from webhook_attempt w
  join customer_order o on o.id = w.order_id
  left join idempotency_record r on r.service = 'payment' and r.scope = 'event' and r.key = w.reference
 where w.status between 200 and 299 and r.key is null
 group by w.order_id, w.reference
 order by min(w.seq)
