import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSettings } from '../../launcher/settings.mjs';
import { LaunchError } from '../../lib/errors.mjs';
import { ProcessTarget } from './process-target.mjs';

/** The system that `npm start` runs in ONCE_HOME. What ends there is started again by its launcher; nothing of it is stopped by us. */
export const findRunningTarget = async () => {
  const { home, replicas } = readSettings([]);
  const file = join(home, 'processes.json');
  if (!existsSync(file))
    throw new LaunchError(`No system runs in ${home}. Start one: ONCE_REPLICAS=2 npm start -- --detach`);
  const processes = JSON.parse(readFileSync(file, 'utf8'));
  const portBase = processes.find(({ name, replica }) => name === 'order' && replica === 0)?.port;
  const running = processes.filter(({ name }) => name === 'order').length;
  if (portBase === undefined) throw new LaunchError(`The system in ${home} is not up.`);
  const { ports } = readSettings([], { ONCE_HOME: home, ONCE_PORT_BASE: String(portBase) });
  return new ProcessTarget({ home, ports, replicas: Math.max(running, replicas), stop: async () => {} });
};
