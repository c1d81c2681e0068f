/**
 * Whether a service has anything to do, in one cheap row:
 *
 *   open   work that the service means to finish by itself, by name; nothing at rest
 *   marks  what it has reached; a service that is still at work changes them
 *
 * Parked sagas wait for an answer from outside and are not open work. Attempts are no mark: a step that is asked for again and
 * again gets nowhere.
 */

const SHARED_WORK = `
  'messages not yet sent', (select count(*) from outbox_message),
  'deliveries to be retried', (select count(*) from failed_delivery where next_attempt_at is not null),
  'operations unfinished', (select count(*) from idempotency_record where outcome is null)`;

const ORDER_PULSE = `
  select json_build_object(
           'sagas under way', (select count(*) from saga
                                where state not in ('completed', 'compensated', 'handed-over', 'parked')),
           ${SHARED_WORK}) as open,
         json_build_object(
           'orders', (select json_object_agg(status, number)
                        from (select status, count(*) as number from customer_order group by status order by status) c),
           'sagas', (select json_object_agg(state, number)
                       from (select state, count(*) as number from saga group by state order by state) c)) as marks`;

const PAYMENT_PULSE = `
  select json_build_object(${SHARED_WORK}) as open,
         json_build_object('changes', (select sum(version) from payment)) as marks`;

const NOTIFICATION_PULSE = `
  select json_build_object(${SHARED_WORK}) as open,
         json_build_object('changes', (select sum(version) from correspondence)) as marks`;

export const PULSES = { order: ORDER_PULSE, payment: PAYMENT_PULSE, notification: NOTIFICATION_PULSE };
