/**
 * One Postgres server of our own, on 127.0.0.1 only. A server that is already on the machine is never looked at.
 *
 * A cluster is created once, beside its final place, and renamed when it is complete: an interrupted first start leaves
 * nothing that a second one could mistake for a database.
 */
import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LaunchError } from '../lib/errors.mjs';
import { run, spawnDaemon } from '../lib/processes.mjs';
import { preparePostgresBinaries } from './postgres-binaries.mjs';

const USER = 'once';
const PASSWORD = 'once';

/** Twelve processes (four services, three replicas each) with 20 connections, and room for people and tools. */
const CONNECTIONS_MAX = 300;

/** Crash recovery of a large cluster takes a while; a server that is silent for longer is broken. */
const READY_WITHIN_MS = 60_000;

/**
 * @param {{ directory: string, port: number, logFile: string, settings?: Record<string, string>, signal?: AbortSignal }} options
 *   `settings` are passed to the server as `-c name=value`; `signal` interrupts the creation of the cluster.
 */
export const startPostgres = async ({ directory, port, logFile, settings = {}, signal }) => {
  mkdirSync(directory, { recursive: true });
  const binaries = await preparePostgresBinaries(directory);
  const data = join(binaries.directory, 'data');
  if (!existsSync(join(data, 'PG_VERSION'))) await createCluster(binaries, data, signal);

  const options = Object.entries({
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    max_connections: String(CONNECTIONS_MAX),
    ...settings,
  }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const [command, ...args] = [...binaries.prefix, join(binaries.bin, 'postgres'), '-D', data, ...options];
  const server = spawnDaemon(command, args, { ...binaries.spawnOptions, cwd: '/', logFile });

  return {
    pid: server.pid,
    exited: server.exited,
    /** Not always the one asked for: see preparePostgresBinaries. */
    directory: binaries.directory,
    url: `postgres://${USER}:${PASSWORD}@127.0.0.1:${port}/postgres`,
    waitUntilReady: () =>
      server.waitUntilReady('Postgres', () => isReady(server.pid, data), { withinMs: READY_WITHIN_MS }),
    /** SIGINT is Postgres' fast shutdown: clients are disconnected, open transactions rolled back, the log is flushed. */
    stop: () => server.stop('SIGINT'),
    /** For a cluster that nobody needs any more: no shutdown checkpoint, no files left. */
    discard: async () => {
      await server.stop('SIGQUIT');
      rmSync(binaries.place, { recursive: true, force: true });
    },
  };
};

const createCluster = async (binaries, data, signal) => {
  const incomplete = `${data}.incomplete`;
  const passwordFile = join(binaries.directory, 'initial-password');
  rmSync(incomplete, { recursive: true, force: true });
  writeFileSync(passwordFile, PASSWORD, { mode: 0o600 });
  const { uid, gid } = binaries.spawnOptions;
  if (uid !== undefined) chownSync(passwordFile, uid, gid);

  const [command, ...args] = [
    ...binaries.prefix,
    join(binaries.bin, 'initdb'),
    `--pgdata=${incomplete}`,
    `--username=${USER}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
  ];
  try {
    await run(command, args, { ...binaries.spawnOptions, cwd: '/', signal });
  } catch (error) {
    throw new LaunchError(`Postgres could not create its data directory ${data}:\n${error.message}`);
  } finally {
    rmSync(passwordFile, { force: true });
  }
  renameSync(incomplete, data);
};

/** The eighth line of postmaster.pid is the server's own word on its state; it is what `pg_ctl -w` reads. */
const isReady = (pid, data) => {
  const file = join(data, 'postmaster.pid');
  if (!existsSync(file)) return false;
  const lines = readFileSync(file, 'utf8').split('\n');
  return Number(lines[0]) === pid && lines[7]?.trim() === 'ready';
};
