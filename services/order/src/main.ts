import { runService } from '@once/service-kit';
import { ORDER_SETTINGS, startOrderService } from './order-service.js';

await runService({
  name: 'order',
  settings: ORDER_SETTINGS,
  standards: { PORT: '3000', DATABASE_URL: 'postgres://once:once@127.0.0.1:3032/once_order' },
  start: startOrderService,
});
