/** The payment service that knows a step by its name only: a compensation is taken for its action. */
import { startWithout } from './start-without.mjs';

await startWithout({
  service: 'payment',
  edits: [
    {
      file: 'libs/contracts/dist/saga/operation.js',
      find: 'return `${sagaId}/${step}/${direction}/${generation}`;',
      replace: 'return `${sagaId}/${step}`;',
    },
  ],
});
