/** The order service without the match of a reply: any reply of the saga counts for what is awaited. */
import { startWithout } from './start-without.mjs';

await startWithout({
  service: 'order',
  edits: [
    {
      file: 'libs/saga/dist/saga-happening.js',
      find: 'operationKey(awaited) === operationKey(operation)',
      replace: 'awaited.sagaId === operation.sagaId',
    },
  ],
});
