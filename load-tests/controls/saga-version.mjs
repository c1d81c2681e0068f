/**
 * The order service without the compare-and-set on a saga: a decision counts whatever has happened since it was made. It takes
 * a moment longer to decide, so that more decisions meet.
 */
import { startWithout } from './start-without.mjs';

await startWithout({
  service: 'order',
  edits: [
    {
      file: 'libs/saga/dist/postgres/move-sagas.js',
      find: 'where s.id = c.id and s.version = c.version - 1',
      replace: 'where s.id = c.id',
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
