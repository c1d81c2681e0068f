/** What `npm start` is told by its arguments and by the environment; everything else follows from it. */
import { join, resolve } from 'node:path';
import { LaunchError } from '../lib/errors.mjs';
import { repository } from '../lib/paths.mjs';

const PORT_OFFSETS = {
  order: 0,
  payment: 1,
  notification: 2,
  sandbox: 3,
  smtp: 25,
  postgres: 32,
  epmd: 69,
  amqp: 72,
  management: 73,
  distribution: 92,
};

/** Replica k listens 100·k above; more replicas than this would leave the range of ports for a usual base. */
const REPLICAS_MAX = 9;

export const readSettings = (args = process.argv.slice(2), environment = process.env) => {
  const unknown = args.find((argument) => argument !== '--detach');
  if (unknown !== undefined) throw new LaunchError(`npm start does not know "${unknown}"; it knows --detach.`);

  const portBase = wholeNumber(environment, 'ONCE_PORT_BASE', { fallback: 3000, min: 1024, max: 64_000 });
  const home = resolve(repository, environment.ONCE_HOME || '.once');
  return {
    // `npm start --detach`, without the second pair of dashes, reaches us as a setting of npm's.
    detach: args.includes('--detach') || environment.npm_config_detach === 'true',
    home,
    logs: join(home, 'logs'),
    replicas: wholeNumber(environment, 'ONCE_REPLICAS', { fallback: 1, min: 1, max: REPLICAS_MAX }),
    ports: portsFrom(portBase),
    databaseUrl: environment.DATABASE_URL || undefined,
    amqpUrl: environment.AMQP_URL || undefined,
  };
};

/** Where everything listens, by name: services and sandbox, the mailbox, the infrastructure. */
export const portsFrom = (portBase) =>
  Object.fromEntries(Object.entries(PORT_OFFSETS).map(([name, offset]) => [name, portBase + offset]));

export const replicaPort = (port, replica) => port + 100 * replica;

/** Every port above the base that a system of so many replicas takes. */
export const offsetsOf = (replicas) => {
  const { order, payment, notification, ...others } = portsFrom(0);
  const services = [order, payment, notification].flatMap((port) =>
    Array.from({ length: replicas }, (_, replica) => replicaPort(port, replica)),
  );
  return [...services, ...Object.values(others)];
};

const wholeNumber = (environment, name, { fallback, min, max }) => {
  const text = environment[name];
  if (!text) return fallback;
  const number = Number(text);
  if (Number.isInteger(number) && number >= min && number <= max) return number;
  throw new LaunchError(`${name} is "${text}", but must be a whole number from ${min} to ${max}.`);
};
