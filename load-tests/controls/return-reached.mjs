/** The payment service that answers a return when it is asked for, not when the money is back. */
import { startWithout } from './start-without.mjs';

await startWithout({
  service: 'payment',
  edits: [
    {
      file: 'services/payment/dist/payment/payment.js',
      find: `if (payment.goal !== 'return')
        return false;`,
      replace: `return payment.goal === 'return';`,
    },
  ],
});
