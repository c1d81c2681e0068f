import { runService } from '@once/service-kit';
import { PAYMENT_SETTINGS, startPaymentService } from './payment-service.js';

await runService({
  name: 'payment',
  settings: PAYMENT_SETTINGS,
  standards: { PORT: '3001', DATABASE_URL: 'postgres://once:once@127.0.0.1:3032/once_payment' },
  start: startPaymentService,
});
