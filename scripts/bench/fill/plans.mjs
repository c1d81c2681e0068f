/**
 * Which rows an order leaves in which table, and what is different in each copy. `$order` and `$saga` are the ids of the order that
 * is copied, quoted; `s` is the copy: its number, its order's and its saga's id; `t` is the row that is copied.
 */
export const TEMPLATE = `
  select o.id as "orderId", g.id as "sagaId" from customer_order o join saga g on g.subject_id = o.id
   where o.status = 'confirmed' and g.state = 'completed' order by o.id limit 1`;

/** Clients choose their keys; the worst for an index are random ones. */
const REQUEST_KEY = `md5('key' || s.n)::uuid::text`;
const STEP_KEY = `replace(t.key, $saga, s.saga_id::text)`;

const STEP_RECORDS = {
  table: 'idempotency_record',
  template: `scope = 'step' and key like $saga || '/%'`,
  columns: { key: STEP_KEY, subject: 'replace(t.subject, $order, s.order_id::text)' },
};

export const PLANS = {
  order: [
    {
      table: 'customer_order',
      template: 'id = $order',
      columns: { id: 's.order_id', idempotency_key: REQUEST_KEY },
    },
    {
      table: 'idempotency_record',
      template: 'subject = $order',
      columns: { key: REQUEST_KEY, subject: 's.order_id::text' },
    },
    { table: 'saga', template: 'id = $saga', columns: { id: 's.saga_id', subject_id: 's.order_id' } },
    // Two of its ten entries: they lie one behind the other, and more of them would only take longer to store.
    {
      table: 'saga_timeline',
      template: 'subject_id = $order and seq <= 2',
      columns: { subject_id: 's.order_id', saga_id: 's.saga_id' },
    },
    { table: 'saga_timeline_head', template: 'subject_id = $order', columns: { subject_id: 's.order_id' } },
  ],
  payment: [
    {
      table: 'payment',
      template: 'order_id = $order',
      columns: { order_id: 's.order_id', intent_id: `'pi_' || md5('intent' || s.n)` },
    },
    STEP_RECORDS,
    {
      table: 'idempotency_record',
      template: `scope = 'event' and subject = $order`,
      columns: { key: `'evt_' || md5(t.key || s.n)`, subject: 's.order_id::text' },
    },
  ],
  notification: [
    { table: 'correspondence', template: 'order_id = $order', columns: { order_id: 's.order_id' } },
    STEP_RECORDS,
    { table: 'mail_attempt', template: 'order_id = $order', columns: { order_id: 's.order_id', id: 's.saga_id' } },
  ],
};
