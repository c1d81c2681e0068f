/**
 * One RabbitMQ node of our own: own name, own ports on 127.0.0.1, own cookie, own data, own epmd. A broker that is already on
 * the machine is neither used nor touched, and nothing it is configured with (/etc/rabbitmq, RABBITMQ_*) reaches ours.
 */
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { LaunchError } from '../lib/errors.mjs';
import { endProcess, isAlive } from '../lib/processes.mjs';
import { pollUntil } from '../lib/wait.mjs';
import { findOrInstallRabbitMq } from './rabbitmq-installation.mjs';

const USER = 'once';
const PASSWORD = 'once';

/** A first boot takes 8 to 16 s on an idle machine; a busy one gets ten times that before we call it broken. */
const READY_WITHIN_MS = 150_000;

/**
 * @param {{ directory: string, logFile: string, progress?: (line: string) => void,
 *           ports: { amqp: number, management: number, distribution: number, epmd: number } }} options
 */
export const startRabbitMq = async ({ directory, ports, logFile, progress = () => {} }) => {
  const programs = await findOrInstallRabbitMq(progress);
  writeConfiguration(directory, ports);
  const environment = nodeEnvironment(directory, ports);

  const epmd = spawnInOwnSession(
    programs.epmd,
    ['-port', String(ports.epmd), '-address', '127.0.0.1'],
    environment,
    logFile,
  );
  const node = spawnInOwnSession(programs.server, [], environment, logFile);
  const end = async (signal) => {
    await endProcess(node.pid, { signal, withinMs: 30_000 });
    await endProcess(epmd.pid, { withinMs: 2_000 });
  };

  const broker = {
    pid: node.pid,
    epmdPid: epmd.pid,
    url: `amqp://${USER}:${PASSWORD}@127.0.0.1:${ports.amqp}`,
    managementUrl: `http://${USER}:${PASSWORD}@127.0.0.1:${ports.management}`,
    stop: () => end('SIGTERM'),
    /** For a node that nobody needs any more: no orderly shutdown, no files left. */
    discard: async () => {
      await end('SIGKILL');
      rmSync(directory, { recursive: true, force: true });
    },
  };
  if (await isReadyInTime(node, ports)) return broker;
  await end('SIGKILL');
  throw new LaunchError(`RabbitMQ did not start. The end of ${logFile}:\n${lastLines(logFile)}`);
};

const writeConfiguration = (directory, ports) => {
  mkdirSync(join(directory, 'conf.d'), { recursive: true });
  writeFileSync(
    join(directory, 'rabbitmq.conf'),
    [
      `listeners.tcp.1 = 127.0.0.1:${ports.amqp}`,
      'management.tcp.ip = 127.0.0.1',
      `management.tcp.port = ${ports.management}`,
      `default_user = ${USER}`,
      `default_pass = ${PASSWORD}`,
      'log.file = false',
      'log.console = true',
      'log.console.level = info',
      '',
    ].join('\n'),
  );
  writeFileSync(join(directory, 'enabled_plugins'), '[rabbitmq_management].\n');
  writeFileSync(join(directory, 'rabbitmq-env.conf'), '');
};

const nodeEnvironment = (directory, ports) => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(RABBITMQ_|ERL_|NOTIFY_SOCKET$)/.test(name))),
  HOME: directory, // where Erlang keeps the cookie
  ERL_EPMD_PORT: String(ports.epmd),
  ERL_EPMD_ADDRESS: '127.0.0.1',
  RABBITMQ_NODENAME: 'once@localhost',
  RABBITMQ_DIST_PORT: String(ports.distribution),
  RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
  RABBITMQ_MNESIA_BASE: join(directory, 'mnesia'),
  RABBITMQ_LOG_BASE: join(directory, 'log'),
  RABBITMQ_CONF_ENV_FILE: join(directory, 'rabbitmq-env.conf'),
  RABBITMQ_CONFIG_FILE: join(directory, 'rabbitmq.conf'),
  RABBITMQ_CONFIG_FILES: join(directory, 'conf.d'),
  RABBITMQ_ADVANCED_CONFIG_FILE: join(directory, 'advanced.config'),
  RABBITMQ_LOG: '-color',
  RABBITMQ_ENABLED_PLUGINS_FILE: join(directory, 'enabled_plugins'),
  // Makes the start script replace itself by the Erlang machine, so that the id we spawned is the id we stop.
  RUNNING_UNDER_SYSTEMD: 'true',
});

/** A session of its own keeps the terminal's Ctrl-C away: services must still be able to settle what they hold. */
const spawnInOwnSession = (command, args, env, logFile) => {
  const log = openSync(logFile, 'a');
  const child = spawn(command, args, { env, cwd: '/', detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  child.on('error', () => {}); // a program that cannot be started has no pid, which isReadyInTime reports with the log
  child.unref();
  return child;
};

/** The AMQP listener opens last; the management API says that the user exists. */
const isReadyInTime = async (node, ports) => {
  const outcome = await pollUntil(
    async () => {
      if (!isAlive(node.pid)) return 'ended';
      return (await acceptsConnections(ports.amqp)) && (await answersManagement(ports.management))
        ? 'ready'
        : undefined;
    },
    { withinMs: READY_WITHIN_MS, everyMs: 200 },
  );
  return outcome === 'ready';
};

const acceptsConnections = (port) =>
  new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });

const answersManagement = (port) =>
  fetch(`http://127.0.0.1:${port}/api/whoami`, {
    headers: { authorization: `Basic ${Buffer.from(`${USER}:${PASSWORD}`).toString('base64')}` },
    signal: AbortSignal.timeout(5_000),
  }).then(
    (response) => response.ok,
    () => false,
  );

const lastLines = (file) => readFileSync(file, 'utf8').trimEnd().split('\n').slice(-15).join('\n');
