import 'reflect-metadata';
import { pino } from 'pino';
import { readSettings } from './settings.js';
import { startSandbox } from './start-sandbox.js';

const logger = pino({ name: 'sandbox' });
const log = (message: string): void => logger.info(message);
const end = (error: unknown): never => {
  logger.fatal(error instanceof Error ? error.message : String(error));
  process.exit(1);
};

try {
  const sandbox = await startSandbox(readSettings(process.env), { log, onBroken: end });
  log(`the outside world is at ${sandbox.url}/sandbox, its mailbox at port ${sandbox.smtpPort}`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      sandbox.stop().then(() => process.exit(0), end);
    });
  }
} catch (error) {
  end(error);
}
