-- Every call about one of our orders that can change something at the provider carries an idempotency key.
select c.order_id, c.seq, c.operation, c.status
  from provider_call c
  join customer_order o on o.id = c.order_id
 where c.idempotency_key is null
   and c.operation in ('payment_intents.create', 'payment_intents.confirm', 'payment_intents.capture',
                       'payment_intents.cancel', 'refunds.create')
 order by c.seq
