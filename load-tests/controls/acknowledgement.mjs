/** The order service that acknowledges before it commits. It works a moment longer, so that more kills meet it at work. */
import { startWithout, WITHOUT_ASKING_AGAIN } from './start-without.mjs';

await startWithout({
  service: 'order',
  edits: [
    {
      file: 'libs/messaging/dist/rabbitmq/subscription.js',
      find: 'settlement = await this.settle(delivery);',
      replace:
        'channel.ack(message); await new Promise((resolve) => setTimeout(resolve, 300)); return void (await this.settle(delivery));',
    },
  ],
  environment: WITHOUT_ASKING_AGAIN,
});
