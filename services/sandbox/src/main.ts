import { runService } from '@once/service-kit';
import { SANDBOX_SETTINGS, startSandbox } from './start-sandbox.js';

await runService({
  name: 'sandbox',
  settings: SANDBOX_SETTINGS,
  standards: { PORT: '3003', DATABASE_URL: 'postgres://once:once@127.0.0.1:3032/once_sandbox' },
  start: startSandbox,
});
