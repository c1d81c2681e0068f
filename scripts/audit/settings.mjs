/** Where the audit finds its sources, and what it is told by its arguments. */
import { parseArgs } from 'node:util';
import { findWhereabouts } from '../launcher/whereabouts.mjs';
import { UnjudgeableError } from './unjudgeable.mjs';

const SERVICES = ['order', 'payment', 'notification'];

/** Longer than a lease, a sweep and the longest pause of the standard settings together. */
const WITHIN_S = 60;

/** Two looks of the slowest agent, the relay's sweep, fit into this. */
const QUIET_S = 2;

/** What stands in the environment wins. */
export const readAuditSettings = (args = process.argv.slice(2), environment = process.env) => {
  const options = readArguments(args);
  const { portOf, countOf } = findWhereabouts(environment);
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
      managementUrl: managementUrl(environment, portOf('management')),
      vhost: vhostOf(environment.AMQP_URL),
      expectedConsumers: countConsumers(countOf),
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
    throw new UnjudgeableError(
      `${error.message.replace(/\.?$/, '.')} npm run audit knows --json, --within, --requests and --stock.`,
      {
        cause: error,
      },
    );
  }
};

/** A broker of one's own has its management API on RabbitMQ's usual port. */
const managementUrl = ({ AMQP_MANAGEMENT_URL: given, AMQP_URL: amqpUrl }, port) => {
  if (given) return given;
  if (!amqpUrl) return `http://once:once@127.0.0.1:${port}`;
  const { hostname, username, password } = new URL(amqpUrl);
  return `http://${username || 'guest'}:${password || 'guest'}@${hostname}:15672`;
};

const vhostOf = (amqpUrl) => decodeURIComponent(amqpUrl ? new URL(amqpUrl).pathname.slice(1) : '') || '/';

/** Each process of a service consumes its queue once. */
const countConsumers = (countOf) =>
  Object.fromEntries(SERVICES.map((service) => [service, countOf(service)]).filter(([, count]) => count !== undefined));

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
