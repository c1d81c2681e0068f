/**
 * Brings the whole system up, keeps it up, and takes it down in reverse order on Ctrl-C, SIGTERM, or the first thing that
 * cannot be started. Whatever happens, nothing we started is left behind.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createDatabases } from '../infrastructure/databases.mjs';
import { startPostgres } from '../infrastructure/postgres.mjs';
import { findOrInstallRabbitMq } from '../infrastructure/rabbitmq-installation.mjs';
import { rabbitMqUrls, startEpmd, startRabbitMq } from '../infrastructure/rabbitmq.mjs';
import { LaunchError } from '../lib/errors.mjs';
import { isPortFree } from '../lib/ports.mjs';
import { buildWorkspaces, installDependencies } from '../lib/prepare.mjs';
import { greeting } from './greeting.mjs';
import { claimHome, endLeftovers, ProcessList, releaseHome } from './home.mjs';
import { SERVICES, servicesToRun, startService } from './services.mjs';
import { Supervisor } from './supervisor.mjs';

/** Resolves when everything has stopped; rejects when it could not be started. `onReady` is called once, when it all runs. */
export const launch = async (settings, { report, onReady }) => {
  const holder = await claimHome(settings.home);
  if (holder) {
    report(`Once is already running, or being started, by process ${holder.pid}. npm stop ends it.`);
    return;
  }

  mkdirSync(settings.logs, { recursive: true });
  const supervisor = new Supervisor({ processList: new ProcessList(settings.home), report });
  const stopRequested = stopIsRequested();
  const up = bringUp(settings, supervisor, report);
  try {
    const outcome = await Promise.race([up, stopRequested]);
    if (outcome === 'up') {
      report(greeting(settings));
      onReady();
      await stopRequested;
    }
    report('stopping');
  } finally {
    await supervisor.stop();
    await Promise.allSettled([up]);
    releaseHome(settings.home);
  }
};

/** A second Ctrl-C does not hurry an orderly stop, which is bounded; npm also sends one of its own after the terminal's. */
const stopIsRequested = () =>
  new Promise((resolve, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => resolve(signal));
    process.on('uncaughtException', reject); // a bug of ours must not leave processes behind either
    if (isChildOfNpm()) whenOrphaned(() => resolve('npm has ended'));
  });

/** In the background the process that started us ends, and is meant to. */
const isChildOfNpm = () => process.env.npm_lifecycle_event !== undefined && process.send === undefined;

/** npm passes a SIGTERM on to its shell, which ends and passes nothing on: that we get another parent is all we see. */
const whenOrphaned = (act) => {
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && act(), 500).unref();
};

/** Brings everything up under a supervisor. `prepare` may change how a service is started, once it is known where the servers are. */
export const bringUp = async (settings, supervisor, report, prepare = async (service) => service) => {
  const ended = await endLeftovers(settings.home);
  if (ended > 0) report(`ended ${ended} processes that a killed start had left running`);
  await requireFreePorts(settings);

  // RabbitMQ needs nothing from npm and boots slowly: it goes first, beside everything else.
  const [broker, databases] = await together(supervisor, [
    provideBroker(settings, supervisor, report),
    provideDatabases(settings, supervisor, report),
  ]);
  report('starting the services');
  const services = [];
  for (const service of servicesToRun(settings)) services.push(await prepare(service, { databases, broker }));
  await together(
    supervisor,
    services.map((service) =>
      supervisor.run({ ...service, start: () => startService(service, { settings, databases, broker }) }),
    ),
  );
  return 'up';
};

/** The first failure ends everything; it is passed on when nothing is under way any more. */
const together = async (supervisor, tasks) => {
  try {
    return await Promise.all(tasks);
  } catch (error) {
    await supervisor.stop();
    await Promise.allSettled(tasks);
    throw error;
  }
};

const requireFreePorts = async (settings) => {
  const { ports, databaseUrl, amqpUrl } = settings;
  const wanted = [...servicesToRun(settings).map(({ name, port }) => [name, port]), ['smtp', ports.smtp]];
  if (!databaseUrl) wanted.push(['postgres', ports.postgres]);
  if (!amqpUrl) wanted.push(...['epmd', 'amqp', 'management', 'distribution'].map((name) => [name, ports[name]]));

  for (const [name, port] of wanted) {
    if (await isPortFree(port)) continue;
    throw new LaunchError(
      `Port ${port}, meant for ${name}, is taken. End what listens there, or choose other ports: ONCE_PORT_BASE=4000 npm start`,
    );
  }
};

const provideBroker = async ({ home, logs, ports, amqpUrl }, supervisor, report) => {
  if (amqpUrl) return { url: amqpUrl };
  const programs = await findOrInstallRabbitMq(report);
  const logFile = join(logs, 'rabbitmq-0.log');
  await supervisor.run({
    name: 'epmd',
    port: ports.epmd,
    start: () => startEpmd({ programs, port: ports.epmd, logFile }),
  });
  report('starting RabbitMQ, whose first boot takes up to 20 s');
  await supervisor.run({
    name: 'rabbitmq',
    port: ports.amqp,
    start: () => startRabbitMq({ programs, directory: join(home, 'rabbitmq'), ports, logFile }),
  });
  return rabbitMqUrls(ports);
};

const provideDatabases = async ({ home, logs, ports, databaseUrl }, supervisor, report) => {
  await installDependencies({ report, signal: supervisor.signal });
  await buildWorkspaces({ report, signal: supervisor.signal });
  if (databaseUrl) return createDatabases(databaseUrl, SERVICES);

  const options = { directory: join(home, 'postgres'), port: ports.postgres, logFile: join(logs, 'postgres-0.log') };
  let serverUrl;
  await supervisor.run({
    name: 'postgres',
    port: ports.postgres,
    start: async () => {
      const server = await startPostgres({ ...options, settings: { fsync: 'on' }, signal: supervisor.signal });
      serverUrl = server.url;
      if (server.directory !== options.directory) report(`Postgres has to keep its data in ${server.directory}`);
      return server;
    },
  });
  return createDatabases(serverUrl, SERVICES);
};
