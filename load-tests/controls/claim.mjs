/** The order service without the claim: no record is looked for or written, and no unique key of an order stands in for it. */
import { startWithout } from './start-without.mjs';

await startWithout({
  service: 'order',
  edits: [
    {
      file: 'libs/idempotency/dist/postgres/record-fragments.js',
      find: `where not exists (
       select from jsonb_to_recordset(m.records)`,
      replace: `where true or not exists (
       select from jsonb_to_recordset(m.records)`,
    },
    {
      file: 'libs/idempotency/dist/postgres/record-fragments.js',
      find: '"retentionMs" bigint, lease jsonb)',
      replace: '"retentionMs" bigint, lease jsonb) where false',
    },
    {
      file: 'services/order/dist/persistence/migrations/1700000000100-create-order.js',
      find: 'constraint one_order_per_account_and_key unique (idempotency_key, account),',
      replace: '',
    },
    {
      file: 'services/order/dist/place-order/place-order.work.js',
      find: 'state.record === null && state.existingOrderId !== null',
      replace: 'false',
    },
    {
      file: 'services/order/dist/persistence/order-store.js',
      find: 'where o.account = m.account)',
      replace: 'where o.account = m.account limit 1)',
    },
  ],
});
