-- What a repeat of an order's request is answered names that order: the one that this account placed with this key.
select r.scope, r.key, r.subject as order_id, r.location, o.account, o.idempotency_key
  from idempotency_record r
  left join customer_order o on o.id = r.subject
 where r.service = 'order' and r.scope like '% POST /orders' and r.is_finished
   and (o.id is null
        or r.location is distinct from '/orders/' || o.id
        or r.scope <> o.account || ' POST /orders'
        or r.key <> o.idempotency_key)
 order by r.key
