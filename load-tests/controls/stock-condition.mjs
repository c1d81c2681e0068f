/**
 * The order service without the condition on its stock: what was available a moment ago is taken. It takes a moment longer to
 * decide, so that more customers meet.
 */
import { startWithout } from './start-without.mjs';

await startWithout({
  service: 'order',
  edits: [
    {
      file: 'services/order/dist/persistence/migrations/1700000000100-create-order.js',
      find: 'constraint stock_is_never_negative check (available >= 0 and reserved >= 0 and sold >= 0)',
      replace: 'constraint stock_is_never_negative check (true)',
    },
    {
      file: 'services/order/dist/persistence/order-store.js',
      find: 'return rowsOf(await this.session.query(statement, [JSON.stringify(numbered)]));',
      replace: `const states = rowsOf(await this.session.query(statement, [JSON.stringify(numbered)]));
        await new Promise((resolve) => setTimeout(resolve, 250));
        return states;`,
    },
  ],
});
