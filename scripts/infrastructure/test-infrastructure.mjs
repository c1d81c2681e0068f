/**
 * The Postgres and the RabbitMQ of one test run, in a process of their own.
 *
 * Each starts when the first test asks for it. The process belongs to the test run that forked it: when that run ends, or is
 * killed in any way, the IPC channel closes, and servers, services left over by tests, and their files are removed.
 *
 * By hand, `node scripts/infrastructure/test-infrastructure.mjs` keeps both for many runs, until Ctrl-C.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePorts } from '../lib/ports.mjs';
import { sendSignal } from '../lib/processes.mjs';
import { startPostgres } from './postgres.mjs';
import { findOrInstallRabbitMq } from './rabbitmq-installation.mjs';
import { startEpmd, startRabbitMq } from './rabbitmq.mjs';

const directory = mkdtempSync(join(tmpdir(), 'once-test-'));

/** No test outlives a crash of the machine, so nothing has to be flushed for one. */
const NOT_CRASH_SAFE = { fsync: 'off', full_page_writes: 'off' };

const startOnce = (start) => {
  let started;
  return { get: () => (started ??= start()), discard: async () => (await started?.catch(() => undefined))?.discard() };
};

const postgres = startOnce(async () => {
  const [port] = await findFreePorts(1);
  const server = await startPostgres({
    directory: join(directory, 'postgres'),
    port,
    logFile: join(directory, 'postgres.log'),
    settings: NOT_CRASH_SAFE,
  });
  return ready(server, server.discard);
});

const rabbitMq = startOnce(async () => {
  const programs = await findOrInstallRabbitMq((line) => console.error(line));
  const [amqp, management, distribution, epmd] = await findFreePorts(4);
  const logFile = join(directory, 'rabbitmq.log');
  const names = await startEpmd({ programs, port: epmd, logFile });
  await ready(names, names.stop);
  const ports = { amqp, management, distribution, epmd };
  const node = await startRabbitMq({ programs, directory: join(directory, 'rabbitmq'), ports, logFile });
  const discard = async () => {
    await node.discard();
    await names.stop();
  };
  return ready({ ...node, discard }, discard);
});

/** A server that does not come up is ended here, because nobody else gets to know it. */
const ready = async (server, end) => {
  try {
    await server.waitUntilReady();
    return server;
  } catch (error) {
    await end();
    throw error;
  }
};

/** Services that tests have started and not yet stopped. */
const services = new Set();

const answer = async ({ method, url }) => {
  const [, resource, id] = url.split('/');
  switch (`${method} ${resource}`) {
    case 'GET postgres':
      return { url: (await postgres.get()).url };
    case 'GET rabbitmq': {
      const broker = await rabbitMq.get();
      return { amqpUrl: broker.url, managementUrl: broker.managementUrl };
    }
    case 'POST ports': {
      const [port] = await findFreePorts(1);
      return { port };
    }
    case 'PUT services':
      return { running: services.add(Number(id)).size };
    case 'DELETE services':
      return { ended: services.delete(Number(id)) };
    default:
      throw new Error(`the test infrastructure does not know ${method} ${url}`);
  }
};

const handle = async (request, response) => {
  try {
    response.end(JSON.stringify(await answer(request)));
  } catch (error) {
    response.writeHead(503).end(error.message);
  }
};
const http = createServer((request, response) => void handle(request, response));
http.requestTimeout = 0; // a first RabbitMQ boot on a busy machine takes minutes

let isEnding = false;
const end = async () => {
  if (isEnding) return;
  isEnding = true;
  for (const pid of services) sendSignal(pid, 'SIGKILL');
  await Promise.all([postgres.discard(), rabbitMq.discard()]);
  rmSync(directory, { recursive: true, force: true });
  process.exit(0);
};
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => void end());
process.on('disconnect', () => void end());

http.listen(0, '127.0.0.1', () => {
  const url = `http://127.0.0.1:${http.address().port}`;
  if (process.send) process.send(url);
  else console.log(`export TEST_INFRASTRUCTURE_URL=${url}`);
});
