-- The provider applied each of confirm, capture, cancel and refund at most once to a payment intent, whatever was sent again.
--
-- judged: always
select order_id, payment_intent, operation, count(*) as applied
  from provider_call
 where applied
   and operation in ('payment_intents.confirm', 'payment_intents.capture', 'payment_intents.cancel', 'refunds.create')
 group by order_id, payment_intent, operation
having count(*) > 1
 order by order_id
