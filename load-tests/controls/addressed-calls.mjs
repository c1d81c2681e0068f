/** The payment service that moves money in the call that creates, as a single charge would. */
import { startWithout } from './start-without.mjs';

await startWithout({
  service: 'payment',
  edits: [
    {
      file: 'services/payment/dist/provider/stripe-provider.js',
      find: `capture_method: 'manual',`,
      replace: `capture_method: 'automatic',
        confirm: true,`,
    },
  ],
});
