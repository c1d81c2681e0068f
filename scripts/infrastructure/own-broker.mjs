/**
 * A RabbitMQ node for a test that stops, kills or resets it, in a process of its own: the tests' common broker must not
 * suffer. Its parent sends `{ id, act, args }` and gets `{ id, answer }` or `{ id, error }`; when the parent ends in
 * whatever way, the node and its files go too.
 *
 * `TEST_RABBITMQ_IMAGE=rabbitmq:4-management` takes it from a container image instead of from this machine's packages.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePorts } from '../lib/ports.mjs';
import { findOrInstallRabbitMq } from './rabbitmq-installation.mjs';
import { createRabbitMqContainer } from './rabbitmq-container.mjs';
import { rabbitMqUrls, startEpmd, startRabbitMq } from './rabbitmq.mjs';

/** The installed RabbitMQ, with its files and its name server in a directory of their own. */
const installedBroker = async (ports) => {
  const directory = mkdtempSync(join(tmpdir(), 'once-broker-'));
  const logFile = join(directory, 'rabbitmq.log');
  const programs = await findOrInstallRabbitMq((line) => console.error(line));
  const names = await startEpmd({ programs, port: ports.epmd, logFile });
  await names.waitUntilReady();
  let node;
  return {
    start: async () => {
      node = await startRabbitMq({ programs, directory: join(directory, 'rabbitmq'), ports, logFile });
      await node.waitUntilReady();
    },
    stop: () => node.stop(),
    kill: () => node.kill(),
    control: (args) => node.control(args),
    discard: async () => {
      await node?.discard();
      await names.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
};

const [amqp, management, distribution, epmd] = await findFreePorts(4);
const ports = { amqp, management, distribution, epmd };
const image = process.env.TEST_RABBITMQ_IMAGE;
const broker = image ? await createRabbitMqContainer({ image, ports }) : await installedBroker(ports);

const perform = async ({ id, act, args }) => {
  try {
    process.send({ id, answer: (await broker[act](args)) ?? null });
  } catch (error) {
    process.send({ id, error: error.message });
  }
};
process.on('message', (request) => void perform(request));

const end = async () => {
  await broker.discard();
  process.exit(0);
};
process.on('disconnect', () => void end());
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.disconnect());

const { url: amqpUrl, managementUrl } = rabbitMqUrls(ports);
process.send({ amqpUrl, managementUrl });
