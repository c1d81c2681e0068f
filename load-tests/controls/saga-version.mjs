/** The order service without the compare-and-set on a saga: a decision counts whatever has happened since it was made. */
import { startWithout } from './start-without.mjs';

await startWithout({
  service: 'order',
  edits: [
    {
      file: 'libs/saga/dist/postgres/move-sagas.js',
      find: 'where s.id = c.id and s.version = c.version - 1',
      replace: 'where s.id = c.id',
    },
  ],
});
