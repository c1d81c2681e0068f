/**
 * A RabbitMQ node for a test that stops, kills or resets it, in a process of its own: the tests' common broker must not
 * suffer. Its parent sends `{ id, act, args }` and gets `{ id, answer }` or `{ id, error }`; when the parent ends in
 * whatever way, the node and its files go too.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePorts } from '../lib/ports.mjs';
import { findOrInstallRabbitMq } from './rabbitmq-installation.mjs';
import { rabbitMqUrls, startEpmd, startRabbitMq } from './rabbitmq.mjs';

const directory = mkdtempSync(join(tmpdir(), 'once-broker-'));
const logFile = join(directory, 'rabbitmq.log');

const programs = await findOrInstallRabbitMq((line) => console.error(line));
const [amqp, management, distribution, epmd] = await findFreePorts(4);
const ports = { amqp, management, distribution, epmd };
const names = await startEpmd({ programs, port: epmd, logFile });
let node;

const start = async () => {
  node = await startRabbitMq({ programs, directory: join(directory, 'rabbitmq'), ports, logFile });
  await node.waitUntilReady();
};

const ACTS = {
  start,
  stop: () => node.stop(),
  kill: () => node.kill(),
  control: (args) => node.control(args),
};

const perform = async ({ id, act, args }) => {
  try {
    process.send({ id, answer: (await ACTS[act](args)) ?? null });
  } catch (error) {
    process.send({ id, error: error.message });
  }
};
process.on('message', (request) => void perform(request));

const end = async () => {
  await node?.discard();
  await names.stop();
  rmSync(directory, { recursive: true, force: true });
  process.exit(0);
};
process.on('disconnect', () => void end());
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.disconnect());

await names.waitUntilReady();
const { url: amqpUrl, managementUrl } = rabbitMqUrls(ports);
process.send({ amqpUrl, managementUrl });
