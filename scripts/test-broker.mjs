/**
 * `AMQP_URL=amqp://… AMQP_MANAGEMENT_URL=http://… npm run test:broker`: runs everything that speaks to a broker against the one
 * that is named, so that a version or a provider can be tried before it is used. Each test file makes a vhost of its own there,
 * and removes it; the user must be allowed to. Postgres starts by itself. Arguments go to vitest.
 *
 * Without AMQP_URL: against an installed RabbitMQ, as `npm test` does.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describeFailure, LaunchError } from './lib/errors.mjs';
import { repository } from './lib/paths.mjs';
import { checkNodeVersion, installDependencies } from './lib/prepare.mjs';

/** What speaks AMQP without a whole system: the library, and the proxy that its tests rely on. */
const SUITE = ['libs/messaging', 'libs/testing/test/fault-proxy/amqp', 'libs/testing/test/test-vhost'];

const givenBroker = async () => {
  const { AMQP_URL, AMQP_MANAGEMENT_URL } = process.env;
  if (!AMQP_URL) return {};
  const managementUrl = AMQP_MANAGEMENT_URL || usualManagementUrl(AMQP_URL);
  const { product_name = 'RabbitMQ', rabbitmq_version } = await overviewOf(managementUrl);
  console.log(`${product_name} ${rabbitmq_version} at ${new URL(AMQP_URL).host}`);
  return { TEST_AMQP_URL: AMQP_URL, TEST_AMQP_MANAGEMENT_URL: managementUrl };
};

const usualManagementUrl = (amqpUrl) => {
  const { username, password, hostname } = new URL(amqpUrl);
  return `http://${username || 'guest'}:${password || 'guest'}@${hostname}:15672`;
};

const overviewOf = async (managementUrl) => {
  const { username, password, origin } = new URL(managementUrl);
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  try {
    const response = await fetch(`${origin}/api/overview`, { headers: { authorization } });
    if (response.ok) return await response.json();
    throw new Error(`it answered ${response.status}`);
  } catch (error) {
    throw new LaunchError(`The management API at ${origin} cannot be used: ${error.message}. Set AMQP_MANAGEMENT_URL.`);
  }
};

try {
  checkNodeVersion();
  await installDependencies({ report: (line) => console.log(line) });
  const vitest = spawn(
    process.execPath,
    [
      join(repository, 'node_modules/vitest/vitest.mjs'),
      'run',
      '--project=integration',
      ...SUITE,
      ...process.argv.slice(2),
    ],
    { cwd: repository, stdio: 'inherit', env: { ...process.env, ...(await givenBroker()) } },
  );
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => vitest.kill(signal));
  const [code] = await once(vitest, 'exit');
  process.exitCode = code ?? 1;
} catch (error) {
  console.error(describeFailure(error));
  process.exitCode = 1;
}
