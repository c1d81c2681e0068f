/**
 * The order service without the compare-and-set on a saga: a decision counts whatever has happened since it was made. It takes
 * a moment longer to decide, so that more decisions meet.
 */
import { ORDER_DECIDING_SLOWLY, startWithout } from './start-without.mjs';

await startWithout({
  service: 'order',
  edits: [
    {
      file: 'libs/saga/dist/postgres/move-sagas.js',
      find: 'where s.id = c.id and s.version = c.version - 1',
      replace: 'where s.id = c.id',
    },
    ORDER_DECIDING_SLOWLY,
  ],
});
