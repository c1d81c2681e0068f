/** Once as it is built, with webhooks, logs and metrics on. */
import { startService } from '../launcher/services.mjs';
import { findFreePorts } from '../lib/ports.mjs';
import { Outside } from './outside.mjs';
import { Scaffold } from './scaffold.mjs';

const SERVICES = ['order', 'payment', 'notification'];

/**
 * @param {{ environment?: Record<string, string>, entry?: string, replicas?: number }} options `environment` is added to that of
 *   every service; `entry` is run in place of its main module, and finds the service's name in `BENCH_SERVICE`
 */
export const startOnce = async ({ environment = {}, entry, replicas = 1 } = {}) => {
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
    const processes = await processesOf(ports, replicas);
    const start = ({ name, replica, port }) => {
      const instead = entry && { entry, environment: { BENCH_SERVICE: name } };
      return startService({ name, replica, port, ...instead }, { settings, databases, broker });
    };
    for (const one of processes) await scaffold.add(one.title, await start(one));
    return {
      outside,
      processes,
      databases,
      databaseServer: databases.server,
      pids: scaffold.pids([...processes.map(({ title }) => title), 'postgres', 'rabbitmq']),
      orderUrls: processes.filter(({ name }) => name === 'order').map(({ port }) => `http://127.0.0.1:${port}`),
      metricsUrls: processes.map(({ port }) => `http://127.0.0.1:${port}/metrics`),
      /** SIGKILL, and a new process in its place; resolves when that is ready. */
      restart: (one) => scaffold.replace(one.title, () => start(one)),
      stop: () => scaffold.stop(),
    };
  } catch (error) {
    await scaffold.stop();
    throw error;
  }
};

/** The first replica of a service has its name, the others their number besides. */
const processesOf = async (ports, replicas) => {
  const processes = [];
  for (let replica = 0; replica < replicas; replica += 1)
    for (const name of SERVICES) {
      const [port] = replica === 0 ? [ports[name]] : await findFreePorts(1);
      processes.push({ title: replica === 0 ? name : `${name}-${replica}`, name, replica, port });
    }
  return processes;
};
