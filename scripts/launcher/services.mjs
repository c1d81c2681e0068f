/** Our services and the sandbox: their order, their environment, and when they are ready. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { LaunchError } from '../lib/errors.mjs';
import { repository } from '../lib/paths.mjs';
import { spawnDaemon } from '../lib/processes.mjs';
import { replicaPort } from './settings.mjs';

/** In the order they start; they stop in the reverse one. */
export const SERVICES = ['sandbox', 'order', 'payment', 'notification'];

/** Four services migrating and starting at once on two busy cores stay below a third of this. */
const READY_WITHIN_MS = 90_000;

/**
 * Every process to run, as (name, replica, port). The sandbox stands for the outside world, of which there is one.
 */
export const servicesToRun = ({ replicas, ports }) =>
  SERVICES.flatMap((name) =>
    Array.from({ length: name === 'sandbox' ? 1 : replicas }, (_, replica) => ({
      name,
      replica,
      port: replicaPort(ports[name], replica),
    })),
  );

/**
 * `entry` and `environment` are for chaos runs, which put proxies between a service and what it talks to, and run services that
 * lack a guard.
 */
export const startService = async (
  { name, replica, port, entry = join(repository, 'services', name, 'dist/main.js'), environment = {} },
  { settings, databases, broker },
) => {
  if (!existsSync(entry)) throw new LaunchError(`${entry} is missing although the build succeeded.`);

  const service = spawnDaemon(process.execPath, [entry], {
    cwd: repository,
    env: {
      ...usualSettings(settings),
      ...(broker.managementUrl && { AMQP_MANAGEMENT_URL: broker.managementUrl }),
      ...process.env,
      ...settings.environment,
      HOST: '127.0.0.1',
      PORT: String(port),
      REPLICA: String(replica),
      DATABASE_URL: databases[name],
      AMQP_URL: broker.url,
      ...environment,
    },
    logFile: join(settings.logs, `${name}-${replica}.log`),
  });
  return {
    ...service,
    waitUntilReady: () => service.waitUntilReady(name, () => isReady(port), { withinMs: READY_WITHIN_MS }),
  };
};

/** Who talks to whom on this machine; a value in the environment wins, say another provider's address. */
const usualSettings = ({ ports }) => ({
  PAYMENT_PROVIDER_URL: `http://127.0.0.1:${ports.sandbox}`,
  SMTP_URL: `smtp://127.0.0.1:${ports.smtp}`,
  SMTP_PORT: String(ports.smtp),
  SANDBOX_WEBHOOK_URL: `http://127.0.0.1:${ports.payment}/webhooks/stripe`,
});

const isReady = (port) =>
  fetch(`http://127.0.0.1:${port}/health/ready`, { signal: AbortSignal.timeout(2_000) }).then(
    (response) => response.ok,
    () => false,
  );
