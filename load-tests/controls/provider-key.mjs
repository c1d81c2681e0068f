/** The payment service that mints a key per call to the provider instead of one per operation. */
import { startWithout } from './start-without.mjs';

await startWithout({
  service: 'payment',
  edits: [
    {
      file: 'services/payment/dist/provider/payment-provider.js',
      find: 'return `${payment.orderId}:${call}:${payment.generation}`;',
      replace: 'return `${payment.orderId}:${call}:${Math.random()}`;',
    },
  ],
});
