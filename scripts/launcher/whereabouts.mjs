import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSettings } from './settings.mjs';

/**
 * Where the parts of the system are, for programs that talk to one that runs already: `ONCE_PORT_BASE` says so, or the
 * processes.json of `npm start`, or else everything is where `npm start` and compose put it.
 *
 * @returns {{ portOf: (name: string) => number, countOf: (name: string) => number | undefined }}
 *   `countOf` is how many processes of that name there are, where that is known
 */
export const findWhereabouts = (environment = process.env) => {
  const { home, ports } = readSettings([], environment);
  const processes = environment.ONCE_PORT_BASE ? [] : readProcesses(home);
  // The list has a broker's AMQP port under the name of its program; its management API is on the port behind.
  const listed = (name) => processes.find((entry) => entry.name === name && entry.replica === 0)?.port;
  const rabbitmq = listed('rabbitmq');
  const derived = rabbitmq === undefined ? {} : { amqp: rabbitmq, management: rabbitmq + 1 };
  return {
    portOf: (name) => listed(name) ?? derived[name] ?? ports[name],
    countOf: (name) => processes.filter((entry) => entry.name === name).length || undefined,
  };
};

const readProcesses = (home) => {
  const file = join(home, 'processes.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [];
};
