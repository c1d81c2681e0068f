import { runService } from '@once/service-kit';
import { NOTIFICATION_SETTINGS, startNotificationService } from './notification-service.js';

await runService({
  name: 'notification',
  settings: NOTIFICATION_SETTINGS,
  standards: { PORT: '3002', DATABASE_URL: 'postgres://once:once@127.0.0.1:3032/once_notification' },
  start: startNotificationService,
});
