/**
 * What the machine itself can do, measured in the same run: durable commits, broker round trips, trivial POSTs. Figures of two
 * machines, or of two hours on one, are compared through these.
 */
import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import { fileURLToPath } from 'node:url';
import { findFreePorts } from '../lib/ports.mjs';
import { spawnDaemon } from '../lib/processes.mjs';
import { cpuByProcess } from './costs.mjs';
import { asking } from './database.mjs';
import { Scaffold } from './scaffold.mjs';

const SECONDS = 3;
/** As many at a time as a busy system has. */
const BUSY = 32;
const TRIVIAL_SERVER = fileURLToPath(new URL('trivial-server.mjs', import.meta.url));
const MESSAGE = Buffer.alloc(250, 'x');

/** Each limit: what was done, how often per second, and what one cost the process that served it. */
export const measureLimits = async () => {
  const scaffold = new Scaffold();
  try {
    const { databases, broker, httpUrl } = await startParts(scaffold);
    const { postgres, rabbitmq, http } = scaffold.pids(['postgres', 'rabbitmq', 'http']);
    return [
      { what: 'durable commits, one at a time', ...(await measure(postgres, 1, committing(databases.limits))) },
      { what: `durable commits, ${BUSY} at a time`, ...(await measure(postgres, BUSY, committing(databases.limits))) },
      { what: 'broker round trips, one at a time', ...(await measure(rabbitmq, 1, roundTripping(broker.url))) },
      { what: `broker round trips, ${BUSY} at a time`, ...(await measure(rabbitmq, BUSY, roundTripping(broker.url))) },
      { what: `trivial POSTs, ${BUSY} at a time`, ...(await measure(http, BUSY, posting(httpUrl))) },
    ];
  } finally {
    await scaffold.stop();
  }
};

const startParts = async (scaffold) => {
  const [port] = await findFreePorts(1);
  const [databases, broker] = await Promise.all([
    scaffold.addPostgres('postgres', ['limits']),
    scaffold.addRabbitMq('rabbitmq'),
  ]);
  const daemon = spawnDaemon(process.execPath, [TRIVIAL_SERVER, String(port)], {
    env: process.env,
    logFile: scaffold.logFile('http'),
  });
  const httpUrl = `http://127.0.0.1:${port}/`;
  const isReady = () =>
    post(httpUrl).then(
      () => true,
      () => false,
    );
  await scaffold.add('http', {
    ...daemon,
    waitUntilReady: () => daemon.waitUntilReady('the trivial server', isReady, { withinMs: 10_000 }),
  });
  await asking(databases.limits, (ask) => ask('create table written (at timestamptz default now(), payload jsonb)'));
  return { databases, broker, httpUrl };
};

/** Keeps `workers` rounds under way for some seconds. `open` gives each worker its round, and a way to close it. */
const measure = async (pid, workers, open) => {
  const opened = await Promise.all(Array.from({ length: workers }, open));
  try {
    await Promise.all(opened.map(({ round }) => round())); // connections and plans are warm
    const before = cpuByProcess({ pid }).pid;
    const startedAt = performance.now();
    const until = startedAt + SECONDS * 1_000;
    let rounds = 0;
    await Promise.all(
      opened.map(async ({ round }) => {
        for (; performance.now() < until; rounds += 1) await round();
      }),
    );
    const seconds = (performance.now() - startedAt) / 1_000;
    return { perSecond: rounds / seconds, cpuUs: ((cpuByProcess({ pid }).pid - before) * 1_000) / rounds };
  } finally {
    await Promise.all(opened.map(({ close }) => close()));
  }
};

/** One row of about 500 bytes in a transaction of its own, which the server has on disk before it answers. */
const committing = (url) => async () => {
  const { default: pg } = await import('pg'); // only after npm ci
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const values = [JSON.stringify({ text: 'x'.repeat(400) })];
  const statement = { name: 'write', text: 'insert into written (payload) values ($1)', values };
  return { round: () => client.query(statement), close: () => client.end() };
};

/** A persistent message into a quorum queue, confirmed, delivered and acknowledged; the sum is the round. */
const roundTripping = (url) => async () => {
  const { connect } = await import('amqplib');
  const connection = await connect(url, { noDelay: true }); // or each round waits 40 ms for an acknowledgement of TCP's
  const channel = await connection.createConfirmChannel();
  const { queue } = await channel.assertQueue(`limits.${randomUUID()}`, {
    durable: true,
    arguments: { 'x-queue-type': 'quorum' },
  });
  let arrived = () => undefined;
  await channel.consume(queue, (message) => {
    channel.ack(message);
    arrived();
  });
  const round = async () => {
    const delivered = new Promise((resolve) => (arrived = resolve));
    channel.sendToQueue(queue, MESSAGE, { persistent: true });
    await Promise.all([delivered, channel.waitForConfirms()]);
  };
  return { round, close: () => connection.close() };
};

const posting = (url) => () => {
  const agent = new Agent({ keepAlive: true });
  return { round: () => post(url, agent), close: () => agent.destroy() };
};

const post = (url, agent) =>
  new Promise((resolve, reject) => {
    const call = request(
      url,
      { method: 'POST', agent, headers: { 'content-type': 'application/json' } },
      (response) => {
        response
          .on('data', () => undefined)
          .once('end', resolve)
          .once('error', reject);
      },
    );
    call.once('error', reject);
    call.end('{"sku":"mug","quantity":1}');
  });
