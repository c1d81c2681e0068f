/** What one measured system is made of: everything started through it ends with it, in reverse order. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDatabases } from '../infrastructure/databases.mjs';
import { startPostgres } from '../infrastructure/postgres.mjs';
import { findOrInstallRabbitMq } from '../infrastructure/rabbitmq-installation.mjs';
import { startEpmd, startRabbitMq } from '../infrastructure/rabbitmq.mjs';
import { findFreePorts } from '../lib/ports.mjs';
import { asking } from './database.mjs';

/** The server keeps its promises while it is measured, and counts its statements. */
const POSTGRES = {
  fsync: 'on',
  synchronous_commit: 'on',
  shared_buffers: '1GB',
  shared_preload_libraries: 'pg_stat_statements',
};

const standing = new Set();

/** For a run that is interrupted: what was started has a session of its own and would outlive it. */
export const stopEverything = () => Promise.all([...standing].map((scaffold) => scaffold.stop()));

export class Scaffold {
  directory = mkdtempSync(join(tmpdir(), 'once-bench-'));
  parts = [];

  constructor() {
    mkdirSync(join(this.directory, 'logs'));
    standing.add(this);
  }

  get logs() {
    return join(this.directory, 'logs');
  }

  logFile(name) {
    return join(this.logs, `${name}.log`);
  }

  /** Waits until `part` is ready; it is stopped with the scaffold even when it never gets there. */
  async add(name, part) {
    this.parts.push({ name, part });
    await part.waitUntilReady();
    return part;
  }

  /** Kills the part of this name as a crash would, and puts a new one in its place. */
  async replace(name, start) {
    const at = this.parts.findIndex((one) => one.name === name);
    await this.parts[at].part.stop('SIGKILL');
    const part = await start();
    this.parts[at] = { name, part };
    await part.waitUntilReady();
  }

  /** A server of its own with these databases; resolves with their addresses, by name, and the server's. */
  async addPostgres(name, databases) {
    const [port] = await findFreePorts(1);
    const directory = join(this.directory, name);
    const server = await startPostgres({ directory, port, logFile: this.logFile(name), settings: POSTGRES });
    await this.add(name, { ...server, stop: server.discard });
    await asking(server.url, (ask) => ask('create extension pg_stat_statements'));
    return { ...(await createDatabases(server.url, databases)), server: server.url };
  }

  async addRabbitMq(name) {
    const programs = await findOrInstallRabbitMq((line) => console.error(line));
    const [amqp, management, distribution, epmd] = await findFreePorts(4);
    const ports = { amqp, management, distribution, epmd };
    const logFile = this.logFile(name);
    await this.add('epmd', await startEpmd({ programs, port: epmd, logFile }));
    return this.add(name, await startRabbitMq({ programs, directory: join(this.directory, name), ports, logFile }));
  }

  /** The processes to be accounted, by name: each stands for itself and all that it has started. */
  pids(names) {
    return Object.fromEntries(
      this.parts.filter(({ name }) => names.includes(name)).map(({ name, part }) => [name, part.pid]),
    );
  }

  async stop() {
    standing.delete(this);
    for (const { part } of this.parts.toReversed()) await part.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
