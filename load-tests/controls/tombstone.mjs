/** The payment service that lets an authorisation count which comes after its return. */
import { startWithout } from './start-without.mjs';

await startWithout({
  service: 'payment',
  edits: [
    {
      file: 'services/payment/dist/payment/request.js',
      find: `isRequested(known, 'authorise') || known.goal === 'return'`,
      replace: `isRequested(known, 'authorise')`,
    },
    {
      file: 'services/payment/dist/payment/request.js',
      find: ': { ...known, requests, charge: request.charge }',
      replace: `: { ...known, requests, charge: request.charge, goal: 'collect' }`,
    },
  ],
});
