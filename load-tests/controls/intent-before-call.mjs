/**
 * The payment service that confirms an intent before it has written down which: what a lost answer leaves behind belongs to nobody.
 * A key that is the same for every try would find it again, so each try has its own.
 */
import { startWithout } from './start-without.mjs';

await startWithout({
  service: 'payment',
  edits: [
    {
      file: 'services/payment/dist/payment/payment-driver.js',
      find: `import { nextCall } from './next-call.js';`,
      replace: `import { nextCall } from './next-call.js';
import { observe } from './observation.js';`,
    },
    {
      file: 'services/payment/dist/payment/payment-driver.js',
      find: 'payment = await this.learn(payment, result.observation);',
      replace: `payment = call === 'create' && result.observation.kind === 'intent'
                    ? observe(payment, result.observation)
                    : await this.learn(payment, result.observation);`,
    },
    {
      file: 'services/payment/dist/payment/payment-driver.js',
      find: 'const reread = await this.reread(payment, lease);\n            if (reread === null)\n                return',
      replace: `if (call === 'confirm')
                return 'unfinished';
            const reread = await this.reread(payment, lease);
            if (reread === null)
                return`,
    },
    {
      file: 'services/payment/dist/provider/payment-provider.js',
      find: 'return `${payment.orderId}:${call}:${payment.generation}`;',
      replace: 'return `${payment.orderId}:${call}:${Math.random()}`;',
    },
  ],
});
