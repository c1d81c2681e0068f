/**
 * RabbitMQ is not on npm: it comes from the machine's package manager. We install it where we may, and otherwise say how.
 * Debian's package starts a broker of its own as it is installed; the temporary policy-rc.d below forbids that, because a
 * broker on the standard ports is not ours to start.
 */
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { LaunchError } from '../lib/errors.mjs';
import { findExecutable, run } from '../lib/processes.mjs';

/**
 * The plain server script comes first: Debian's /usr/sbin/rabbitmq-server is a wrapper that switches to the user `rabbitmq`
 * and to the directories of the machine's own broker.
 */
const SERVER_PLACES = [
  '/usr/lib/rabbitmq/bin/rabbitmq-server',
  '/opt/homebrew/sbin/rabbitmq-server',
  '/usr/local/sbin/rabbitmq-server',
];

const INSTALL_WITH_APT = `
  set -e
  policy=/usr/sbin/policy-rc.d
  restore() { rm -f "$policy"; if [ -e "$policy.before-once" ]; then mv "$policy.before-once" "$policy"; fi; }
  trap restore EXIT
  trap 'exit 1' HUP INT TERM
  if [ -e "$policy" ] && [ ! -e "$policy.before-once" ]; then mv "$policy" "$policy.before-once"; fi
  printf '#!/bin/sh\\nexit 101\\n' > "$policy"
  chmod 755 "$policy"
  export DEBIAN_FRONTEND=noninteractive
  install() { apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=300 rabbitmq-server < /dev/null; }
  install || { apt-get update && install; }
`;

/** Returns the programs of an installed RabbitMQ, installing it first where that is allowed. */
export const findOrInstallRabbitMq = async (progress) => {
  const found = findRabbitMq();
  if (found) return found;

  if (!findExecutable('apt-get')) throw missing(process.platform === 'darwin' ? 'brew install rabbitmq' : undefined);
  if (process.getuid() !== 0) throw missing('sudo apt-get install -y rabbitmq-server');
  progress('installing rabbitmq-server with apt-get (its own broker is not started)');
  try {
    await run('sh', ['-c', INSTALL_WITH_APT]);
  } catch (error) {
    throw new LaunchError(`apt-get could not install rabbitmq-server:\n${lastLines(error.message)}`);
  }
  const installed = findRabbitMq();
  if (!installed) throw missing('apt-get install -y rabbitmq-server');
  return installed;
};

const findRabbitMq = () => {
  const server = SERVER_PLACES.find((path) => existsSync(path)) ?? findExecutable('rabbitmq-server');
  const erlang = findExecutable('erl', ['/opt/homebrew/bin', '/usr/local/bin']);
  if (!server || !erlang) return undefined;
  const besideErlang = join(dirname(realpathSync(erlang)), 'epmd');
  const epmd = existsSync(besideErlang) ? besideErlang : findExecutable('epmd');
  return epmd && { server, epmd };
};

const missing = (command) =>
  new LaunchError(
    command
      ? `RabbitMQ is not installed. Run this once, then try again:\n\n    ${command}\n\nor name a broker of your own in AMQP_URL.`
      : 'RabbitMQ is not installed. Install the package rabbitmq-server, or name a broker of your own in AMQP_URL.',
  );

const lastLines = (text) => text.trimEnd().split('\n').slice(-10).join('\n');
