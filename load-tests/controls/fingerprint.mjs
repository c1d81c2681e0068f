/** The order service without the fingerprint: a key is answered whatever is asked with it. */
import { startWithout } from './start-without.mjs';

await startWithout({
  service: 'order',
  edits: [
    {
      file: 'libs/idempotency/dist/encounter.js',
      find: 'isOtherRequest(record.fingerprint, fingerprint)',
      replace: 'false',
    },
  ],
});
