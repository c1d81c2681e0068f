/** The payment service that keeps the provider's key for ever, also one that answers 500 for ever. */
import { startWithout } from './start-without.mjs';

await startWithout({
  service: 'payment',
  edits: [
    {
      file: 'services/payment/dist/payment/observation.js',
      find: '{ ...payment, generation: payment.generation + 1 }',
      replace: 'payment',
    },
  ],
});
