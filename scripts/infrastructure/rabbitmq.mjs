/**
 * One RabbitMQ node of our own: own name, own ports on 127.0.0.1, own cookie, own data, own epmd. A broker that is already on
 * the machine is neither used nor touched, and nothing it is configured with (/etc/rabbitmq, RABBITMQ_*) reaches ours.
 *
 * epmd, Erlang's name server, is started by us and before the node. Left to itself the node starts one in the background, which
 * nothing ends when the node does.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { acceptsConnections } from '../lib/ports.mjs';
import { run, spawnDaemon } from '../lib/processes.mjs';

const NODE = 'once@localhost';
export const USER = 'once';
export const PASSWORD = 'once';

/** A first boot takes 6 to 20 s; a busy machine gets ten times that before we call it broken. */
export const READY_WITHIN_MS = 150_000;
const EPMD_READY_WITHIN_MS = 20_000;

/** @param {{ programs: { epmd: string }, port: number, logFile: string }} options */
export const startEpmd = async ({ programs, port, logFile }) => {
  const epmd = spawnDaemon(programs.epmd, ['-port', String(port), '-address', '127.0.0.1'], { cwd: '/', logFile });
  return {
    pid: epmd.pid,
    exited: epmd.exited,
    waitUntilReady: () =>
      epmd.waitUntilReady('epmd', () => acceptsConnections(port), { withinMs: EPMD_READY_WITHIN_MS }),
    stop: () => epmd.stop(),
  };
};

/**
 * @param {{ programs: { server: string }, directory: string, logFile: string,
 *           ports: { amqp: number, management: number, distribution: number, epmd: number } }} options
 *   `programs` as `findOrInstallRabbitMq` answers; an epmd must be running on its port.
 */
export const startRabbitMq = async ({ programs, directory, ports, logFile }) => {
  writeConfiguration(directory, ports);
  const node = spawnDaemon(programs.server, [], { env: nodeEnvironment(directory, ports), cwd: '/', logFile });

  return {
    pid: node.pid,
    exited: node.exited,
    ...rabbitMqUrls(ports),
    waitUntilReady: () => node.waitUntilReady('RabbitMQ', () => isReady(ports), { withinMs: READY_WITHIN_MS }),
    stop: () => node.stop(),
    /** What a crash of the machine leaves: no orderly shutdown, the files as they are. */
    kill: () => node.stop('SIGKILL'),
    /** Runs `rabbitmqctl` against this node and returns what it printed. */
    control: (args) =>
      run(join(dirname(programs.server), 'rabbitmqctl'), args, { env: nodeEnvironment(directory, ports), cwd: '/' }),
    /** For a node that nobody needs any more: no orderly shutdown, no files left. */
    discard: async () => {
      await node.stop('SIGKILL');
      rmSync(directory, { recursive: true, force: true });
    },
  };
};

export const rabbitMqUrls = (ports) => ({
  url: `amqp://${USER}:${PASSWORD}@127.0.0.1:${ports.amqp}`,
  managementUrl: `http://${USER}:${PASSWORD}@127.0.0.1:${ports.management}`,
});

/**
 * Calls a function in the node that `startRabbitMq` started, as in `rabbit stop []`: in milliseconds, where `rabbitmqctl` boots a
 * machine of its own for seconds. `erl_call` comes with every Erlang.
 */
export const callRabbitMq = async ({ directory, ports }, call, options = {}) => {
  const cookie = readFileSync(join(directory, '.erlang.cookie'), 'utf8').trim();
  const answer = await run('erl_call', ['-sname', NODE, '-c', cookie, '-a', call], {
    env: nodeEnvironment(directory, ports),
    cwd: '/',
    ...options,
  });
  if (answer.includes('badrpc')) throw new Error(`${call}: ${answer}`);
  return answer;
};

const writeConfiguration = (directory, ports) => {
  mkdirSync(join(directory, 'conf.d'), { recursive: true });
  const configuration = [
    `listeners.tcp.1 = 127.0.0.1:${ports.amqp}`,
    'management.tcp.ip = 127.0.0.1',
    `management.tcp.port = ${ports.management}`,
    `default_user = ${USER}`,
    `default_pass = ${PASSWORD}`,
    // Quorum queues hold in memory what their log holds, and that is half a gigabyte unless told otherwise.
    'raft.wal_max_size_bytes = 64000000',
    'log.file = false',
    'log.console = true',
    'log.console.level = info',
    'log.console.use_colors = off',
    '',
  ];
  writeFileSync(join(directory, 'rabbitmq.conf'), configuration.join('\n'));
  writeFileSync(join(directory, 'enabled_plugins'), '[rabbitmq_management].\n');
  writeFileSync(join(directory, 'rabbitmq-env.conf'), '');
};

const nodeEnvironment = (directory, ports) => ({
  ...withoutErlangSettings(process.env),
  HOME: directory, // where Erlang keeps the cookie
  ERL_EPMD_PORT: String(ports.epmd),
  ERL_EPMD_ADDRESS: '127.0.0.1',
  RABBITMQ_NODENAME: NODE,
  RABBITMQ_DIST_PORT: String(ports.distribution),
  // Idle schedulers sleep instead of turning on the spot: the machine is shared, and a node boots in three quarters of the time.
  RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS:
    '-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none',
  RABBITMQ_MNESIA_BASE: join(directory, 'mnesia'),
  RABBITMQ_LOG_BASE: join(directory, 'log'),
  RABBITMQ_CONF_ENV_FILE: join(directory, 'rabbitmq-env.conf'),
  RABBITMQ_CONFIG_FILE: join(directory, 'rabbitmq.conf'),
  RABBITMQ_CONFIG_FILES: join(directory, 'conf.d'),
  RABBITMQ_ADVANCED_CONFIG_FILE: join(directory, 'advanced.config'),
  RABBITMQ_ENABLED_PLUGINS_FILE: join(directory, 'enabled_plugins'),
  // Makes the start script replace itself by the Erlang machine, so that the id we spawned is the id we stop.
  RUNNING_UNDER_SYSTEMD: 'true',
});

const withoutErlangSettings = (environment) =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => !/^(RABBITMQ_|ERL_|NOTIFY_SOCKET$)/.test(name)));

/** The AMQP listener opens last; the management API says that the user exists. */
export const isReady = async (ports) => (await acceptsConnections(ports.amqp)) && answersManagement(ports.management);

const answersManagement = (port) =>
  fetch(`http://127.0.0.1:${port}/api/whoami`, {
    headers: { authorization: `Basic ${Buffer.from(`${USER}:${PASSWORD}`).toString('base64')}` },
    signal: AbortSignal.timeout(5_000),
  }).then(
    (response) => response.ok,
    () => false,
  );
