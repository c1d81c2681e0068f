/** Once as it is built, one replica of each service, with webhooks, logs and metrics on. */
import { startService } from '../launcher/services.mjs';
import { findFreePorts } from '../lib/ports.mjs';
import { Outside } from './outside.mjs';
import { Scaffold } from './scaffold.mjs';

const SERVICES = ['order', 'payment', 'notification'];

/** @param {{ environment?: Record<string, string> }} options `environment` is added to that of every service. */
export const startOnce = async ({ environment = {} } = {}) => {
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
    for (const name of SERVICES) {
      const service = { name, replica: 0, port: ports[name] };
      await scaffold.add(name, await startService(service, { settings, databases, broker }));
    }
    return {
      outside,
      databaseServer: databases.server,
      pids: scaffold.pids([...SERVICES, 'postgres', 'rabbitmq']),
      orderUrl: `http://127.0.0.1:${order}`,
      metricsUrls: SERVICES.map((name) => `http://127.0.0.1:${ports[name]}/metrics`),
      stop: () => scaffold.stop(),
    };
  } catch (error) {
    await scaffold.stop();
    throw error;
  }
};
