/**
 * The order service without the condition on its stock: what was available a moment ago is taken. It takes a moment longer to
 * decide, so that more customers meet.
 */
import { ORDER_DECIDING_SLOWLY, startWithout } from './start-without.mjs';

await startWithout({
  service: 'order',
  edits: [
    {
      file: 'services/order/dist/persistence/migrations/1700000000100-create-order.js',
      find: 'constraint stock_is_never_negative check (available >= 0 and reserved >= 0 and sold >= 0)',
      replace: 'constraint stock_is_never_negative check (true)',
    },
    ORDER_DECIDING_SLOWLY,
  ],
});
