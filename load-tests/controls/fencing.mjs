/**
 * The payment service that does not fence its decisions: who has lost its lease renews and gives it back all the same, and, since
 * that alone moves no money, what was decided on an old row is written over a newer one. It takes a moment longer to decide, so that
 * more decisions meet.
 */
import { decidingSlowly, startWithout } from './start-without.mjs';

await startWithout({
  service: 'payment',
  edits: [
    {
      file: 'libs/idempotency/dist/postgres/postgres-lease-store.js',
      find: 'where x.lease_token = l.token and x.outcome is null',
      replace: 'where x.outcome is null',
    },
    {
      file: 'libs/idempotency/dist/postgres/postgres-lease-store.js',
      find: 'and lease_token = $3 and outcome is null',
      replace: 'and $3::int is not null and outcome is null',
    },
    {
      file: 'services/payment/dist/persistence/payment-store.js',
      find: 'on n."orderId" = p.order_id and n.version = p.version',
      replace: 'on n."orderId" = p.order_id',
    },
    {
      file: 'services/payment/dist/persistence/payment-store.js',
      find: 'where p.order_id = l.order_id and p.version = n.version',
      replace: 'where p.order_id = l.order_id',
    },
    {
      // What is foreseen is decided on at once.
      file: 'services/payment/dist/payment/payments.js',
      find: 'foresee: (input) => this.foresee(input),',
      replace: '',
    },
    decidingSlowly({
      file: 'services/payment/dist/persistence/payment-store.js',
      query: 'this.session.query(LOAD, [JSON.stringify(members)])',
      ms: 400,
    }),
  ],
});
