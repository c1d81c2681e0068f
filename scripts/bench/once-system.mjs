/** Once as it is built, one replica of each service, with webhooks, logs and metrics on. */
import { startService } from '../launcher/services.mjs';
import { findFreePorts } from '../lib/ports.mjs';
import { Outside } from './outside.mjs';
import { Scaffold } from './scaffold.mjs';

const SERVICES = ['order', 'payment', 'notification'];

/**
 * @param {{ environment?: Record<string, string>, entry?: string }} options `environment` is added to that of every service;
 *   `entry` is run in place of its main module, and finds the service's name in `BENCH_SERVICE`
 */
export const startOnce = async ({ environment = {}, entry } = {}) => {
  const scaffold = new Scaffold();
  try {
    const [order, payment, notification, sandbox, smtp] = await findFreePorts(5);
    const ports = { order, payment, notification, sandbox, smtp };
    const [databases, broker, outside] = await Promise.all([
      scaffold.addPostgres('postgres', SERVICES),
      scaffold.addRabbitMq('rabbitmq'),
      Outside.start(scaffold, {
        port: sandbox,
        smtpPort: smtp,
        webhookUrl: `http://127.0.0.1:${payment}/webhooks/stripe`,
      }),
    ]);
    const settings = { ports, logs: scaffold.logs, environment };
    const start = (name) => {
      const instead = entry && { entry, environment: { BENCH_SERVICE: name } };
      return startService({ name, replica: 0, port: ports[name], ...instead }, { settings, databases, broker });
    };
    for (const name of SERVICES) await scaffold.add(name, await start(name));
    return {
      outside,
      services: SERVICES,
      databases,
      databaseServer: databases.server,
      pids: scaffold.pids([...SERVICES, 'postgres', 'rabbitmq']),
      orderUrl: `http://127.0.0.1:${order}`,
      metricsUrls: SERVICES.map((name) => `http://127.0.0.1:${ports[name]}/metrics`),
      /** SIGKILL, and a new process in its place; resolves when that is ready. */
      restart: (name) => scaffold.replace(name, () => start(name)),
      stop: () => scaffold.stop(),
    };
  } catch (error) {
    await scaffold.stop();
    throw error;
  }
};
