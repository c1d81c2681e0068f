/**
 * The order service without publisher confirms: what was handed to the client counts as sent. The client takes a moment, so that
 * more breaks meet it.
 */
import { startWithout, WITHOUT_ASKING_AGAIN } from './start-without.mjs';

await startWithout({
  service: 'order',
  edits: [
    {
      file: 'libs/messaging/dist/rabbitmq/confirming-publisher.js',
      find: 'return new Promise((resolve) => this.publishOn(open, publication, resolve));',
      replace: `setTimeout(() => this.publishOn(open, publication, () => {}), 300);
        return Promise.resolve({ kind: 'confirmed' });`,
    },
  ],
  environment: WITHOUT_ASKING_AGAIN,
});
