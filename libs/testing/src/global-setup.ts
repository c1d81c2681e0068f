/**
 * Vitest global setup: gives the test run an infrastructure of its own and ends it afterwards. Postgres and RabbitMQ start in
 * there when the first test asks. Projects of one run share it.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('../../../scripts/infrastructure/test-infrastructure.mjs', import.meta.url));

export const setup = async (): Promise<(() => Promise<void>) | undefined> => {
  if (process.env['TEST_INFRASTRUCTURE_URL'] !== undefined) return undefined;

  // In a session of its own it survives a Ctrl-C that ends the test run, and cleans up after it.
  const infrastructure = fork(script, { detached: true });
  const received: unknown[] = await once(infrastructure, 'message');
  process.env['TEST_INFRASTRUCTURE_URL'] = String(received[0]);

  return async () => {
    delete process.env['TEST_INFRASTRUCTURE_URL'];
    const exited = once(infrastructure, 'exit');
    infrastructure.disconnect();
    await exited;
  };
};
