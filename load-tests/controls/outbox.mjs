/** The order service without outbox rows: commands leave from memory after the commit, or not at all. */
import { startWithout, WITHOUT_ASKING_AGAIN } from './start-without.mjs';

await startWithout({
  service: 'order',
  edits: [
    {
      file: 'libs/messaging/dist/postgres/insert-outbox.js',
      find: 'returning id, created_at',
      replace: 'where false returning id, created_at',
    },
  ],
  environment: WITHOUT_ASKING_AGAIN,
});
