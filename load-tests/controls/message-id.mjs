/** The notification service that mints a Message-ID per attempt. */
import { startWithout } from './start-without.mjs';

await startWithout({
  service: 'notification',
  edits: [
    {
      file: 'services/notification/dist/channel/smtp-channel.js',
      find: 'messageId: `<${orderId}.${template}@once.example>`,',
      replace: 'messageId: `<${orderId}.${template}.${Math.random()}@once.example>`,',
    },
  ],
});
