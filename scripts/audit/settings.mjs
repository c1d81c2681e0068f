/** Where the audit finds its sources, and what it is told by its arguments. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readSettings } from '../launcher/settings.mjs';
import { UnjudgeableError } from './unjudgeable.mjs';

const SERVICES = ['order', 'payment', 'notification'];

/** Longer than a lease, a sweep and the longest pause of the standard settings together. */
const WITHIN_S = 60;

/** Two looks of the slowest agent, the relay's sweep, fit into this. */
const QUIET_S = 2;

/**
 * What stands in the environment wins; otherwise the running system of `npm start` is asked by its processes.json, and
 * otherwise everything is where `npm start` and compose put it.
 */
export const readAuditSettings = (args = process.argv.slice(2), environment = process.env) => {
  const options = readArguments(args);
  const { home, ports } = readSettings([], environment);
  const processes = environment.ONCE_PORT_BASE ? [] : readProcesses(home);
  const portOf = (name) => processes.find((entry) => entry.name === name && entry.replica === 0)?.port ?? ports[name];
  const server = environment.DATABASE_URL || `postgres://once:once@127.0.0.1:${portOf('postgres')}`;

  return {
    // `npm run audit --json`, without the second pair of dashes, reaches us as a setting of npm's.
    isJson: options.json || environment.npm_config_json === 'true',
    withinMs: secondsOf(options.within, '--within') * 1_000,
    quietMs: QUIET_S * 1_000,
    requestLog: options.requests,
    initialStock: options.stock.map(readStock),
    databases: Object.fromEntries(
      SERVICES.map((service) => [
        service,
        environment[`${service.toUpperCase()}_DATABASE_URL`] || databaseOn(server, `once_${service}`),
      ]),
    ),
    sandboxUrl: environment.SANDBOX_URL || `http://127.0.0.1:${portOf('sandbox')}`,
    broker: {
      managementUrl: managementUrl(environment, processes, ports),
      vhost: vhostOf(environment.AMQP_URL),
      expectedConsumers: countReplicas(processes),
    },
  };
};

const readArguments = (args) => {
  try {
    const { values } = parseArgs({
      args,
      options: {
        json: { type: 'boolean', default: false },
        within: { type: 'string', default: String(WITHIN_S) },
        requests: { type: 'string' },
        stock: { type: 'string', multiple: true, default: [] },
      },
    });
    return values;
  } catch (error) {
    throw new UnjudgeableError(`${error.message} npm run audit knows --json, --within, --requests and --stock.`, {
      cause: error,
    });
  }
};

const readProcesses = (home) => {
  const file = join(home, 'processes.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [];
};

/** The management API of `npm start` listens on the port behind AMQP's; that of a broker of one's own, on RabbitMQ's usual one. */
const managementUrl = ({ AMQP_MANAGEMENT_URL: given, AMQP_URL: amqpUrl }, processes, ports) => {
  if (given) return given;
  if (amqpUrl) {
    const { hostname, username, password } = new URL(amqpUrl);
    return `http://${username || 'guest'}:${password || 'guest'}@${hostname}:15672`;
  }
  const broker = processes.find(({ name }) => name === 'rabbitmq');
  return `http://once:once@127.0.0.1:${broker ? broker.port + 1 : ports.management}`;
};

const vhostOf = (amqpUrl) => decodeURIComponent(amqpUrl ? new URL(amqpUrl).pathname.slice(1) : '') || '/';

/** Each process of a service consumes its queue once. */
const countReplicas = (processes) =>
  Object.fromEntries(
    SERVICES.map((service) => [service, processes.filter(({ name }) => name === service).length]).filter(
      ([, count]) => count > 0,
    ),
  );

const databaseOn = (server, name) => {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
};

const secondsOf = (text, option) => {
  const seconds = Number(text);
  if (Number.isFinite(seconds) && seconds >= 0) return seconds;
  throw new UnjudgeableError(`${option} is "${text}", but must be a number of seconds.`);
};

const readStock = (text) => {
  const [, sku, units] = /^([^=]+)=(\d+)$/.exec(text) ?? [];
  if (sku !== undefined) return { sku, units: Number(units) };
  throw new UnjudgeableError(
    `--stock is "${text}", but must be an SKU and the units it had at first, as in mug=1000000.`,
  );
};
