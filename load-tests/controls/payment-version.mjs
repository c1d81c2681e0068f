/** The payment service without the compare-and-set on a payment: the last decision wins. */
import { startWithout } from './start-without.mjs';

await startWithout({
  service: 'payment',
  edits: [
    {
      file: 'services/payment/dist/persistence/payment-store.js',
      find: 'on n."orderId" = p.order_id and n.version = p.version',
      replace: 'on n."orderId" = p.order_id',
    },
    {
      file: 'services/payment/dist/persistence/payment-store.js',
      find: 'where p.order_id = l.order_id and p.version = n.version',
      replace: 'where p.order_id = l.order_id and p.order_id = n."orderId"',
    },
  ],
});
