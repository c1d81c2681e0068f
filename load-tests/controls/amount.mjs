/** The payment service that takes whatever amount the provider has booked. */
import { startWithout } from './start-without.mjs';

await startWithout({
  service: 'payment',
  edits: [
    {
      file: 'services/payment/dist/payment/observation.js',
      find: 'if (!matches(known, intent))',
      replace: 'if (false)',
    },
  ],
});
