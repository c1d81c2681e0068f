/**
 * One Postgres server of our own, on 127.0.0.1 only. A server that is already on the machine is never looked at.
 *
 * A cluster is created once, beside its final place, and renamed when it is complete: an interrupted first start leaves
 * nothing that a second one could mistake for a database.
 */
import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  openSync,
  closeSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  chownSync,
} from 'node:fs';
import { join } from 'node:path';
import { LaunchError } from '../lib/errors.mjs';
import { endProcess, run } from '../lib/processes.mjs';
import { pollUntil } from '../lib/wait.mjs';
import { preparePostgresBinaries } from './postgres-binaries.mjs';

const USER = 'once';
const PASSWORD = 'once';

/** Twelve processes (four services, three replicas each) with 20 connections, and room for people and tools. */
const CONNECTIONS_MAX = 300;

/** Crash recovery of a large cluster takes a while; a server that is silent for longer is broken. */
const READY_WITHIN_MS = 60_000;

/**
 * @param {{ directory: string, port: number, logFile: string, settings?: Record<string, string> }} options
 *   `settings` are passed to the server as `-c name=value`.
 */
export const startPostgres = async ({ directory, port, logFile, settings = {} }) => {
  mkdirSync(directory, { recursive: true });
  const binaries = await preparePostgresBinaries(directory);
  const data = join(binaries.directory, 'data');
  if (!existsSync(join(data, 'PG_VERSION'))) await createCluster(binaries, data);

  const server = spawnServer(binaries, data, logFile, {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    max_connections: String(CONNECTIONS_MAX),
    ...settings,
  });
  await waitUntilReady(server, data, logFile);
  return {
    pid: server.pid,
    url: `postgres://${USER}:${PASSWORD}@127.0.0.1:${port}/postgres`,
    /** SIGINT is Postgres' fast shutdown: clients are disconnected, open transactions rolled back, the log is flushed. */
    stop: () => endProcess(server.pid, { signal: 'SIGINT', withinMs: 20_000 }),
    /** For a cluster that nobody needs any more: no shutdown checkpoint, no files left. */
    discard: async () => {
      await endProcess(server.pid, { signal: 'SIGQUIT', withinMs: 5_000 });
      rmSync(binaries.place, { recursive: true, force: true });
    },
  };
};

const createCluster = async (binaries, data) => {
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
    await run(command, args, { ...binaries.spawnOptions, cwd: '/' });
  } catch (error) {
    throw new LaunchError(`Postgres could not create its data directory ${data}:\n${error.message}`);
  } finally {
    rmSync(passwordFile, { force: true });
  }
  renameSync(incomplete, data);
};

/** A session of its own keeps the terminal's Ctrl-C away from the server: we stop it last, and in order. */
const spawnServer = (binaries, data, logFile, settings) => {
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const [command, ...args] = [...binaries.prefix, join(binaries.bin, 'postgres'), '-D', data, ...options];
  const log = openSync(logFile, 'a');
  const server = spawn(command, args, {
    ...binaries.spawnOptions,
    cwd: '/',
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  server.unref();
  return server;
};

const waitUntilReady = async (server, data, logFile) => {
  let hasEnded = false;
  server.once('exit', () => (hasEnded = true));
  server.once('error', () => (hasEnded = true));
  await pollUntil(() => hasEnded || isReady(server.pid, data), { withinMs: READY_WITHIN_MS });
  if (isReady(server.pid, data)) return;
  if (!hasEnded) await endProcess(server.pid, { signal: 'SIGQUIT', withinMs: 5_000 });
  throw new LaunchError(`Postgres did not start. The end of ${logFile}:\n${lastLines(logFile)}`);
};

/** The eighth line of postmaster.pid is the server's own word on its state; it is what `pg_ctl -w` reads. */
const isReady = (pid, data) => {
  const file = join(data, 'postmaster.pid');
  if (!existsSync(file)) return false;
  const lines = readFileSync(file, 'utf8').split('\n');
  return Number(lines[0]) === pid && lines[7]?.trim() === 'ready';
};

const lastLines = (file) => readFileSync(file, 'utf8').trimEnd().split('\n').slice(-15).join('\n');
