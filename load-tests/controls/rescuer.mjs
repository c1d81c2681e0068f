/** The payment service without a rescuer: what a holder leaves undone stays so. */
import { startWithout } from './start-without.mjs';

await startWithout({
  service: 'payment',
  edits: [
    {
      file: 'libs/idempotency/dist/phased-executor.js',
      find: 'const room = this.options.concurrencyMax - this.held.size;',
      replace: 'const room = 0;',
    },
  ],
});
