/**
 * How many calls per second the sandbox answers, and what a call costs.
 *
 *   DATABASE_URL=postgres://… node services/sandbox/test/throughput.mjs [--seconds 10] [--connections 64] [--pin]
 *
 * Starts the built sandbox on an empty database (its own: the ledger cannot be emptied), plays orders against it (create,
 * confirm, capture, retrieve: four calls, two ledger rows), receives its webhooks, and compares what was answered with what
 * the records say. `--pin` keeps the sandbox on one core. Exit 1: the records and the answers differ.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { Pool } from 'undici';

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    connections: { type: 'string', default: '64' },
    pin: { type: 'boolean', default: false },
  },
});
const databaseUrl = process.env['DATABASE_URL'];
if (!databaseUrl) throw new Error('DATABASE_URL names no database');
const seconds = Number(options.seconds);
const connections = Number(options.connections);

let answered = 0;
let webhooks = 0;

const receiver = createServer((request, response) => request.resume().on('end', () => response.end()));
receiver.on('request', () => (webhooks += 1));
receiver.listen(0, '127.0.0.1');
await once(receiver, 'listening');

const port = await freePort();
const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const node = [process.execPath, ...process.execArgv, main]; // `node --cpu-prof …` profiles the sandbox too
const command = options.pin ? ['taskset', '-c', '0', ...node] : node;
const sandbox = spawn(command[0], command.slice(1), {
  env: {
    ...process.env,
    PORT: String(port),
    SMTP_PORT: '0',
    SANDBOX_WEBHOOK_URL: `http://127.0.0.1:${receiver.address().port}/webhooks/stripe`,
  },
  stdio: ['ignore', 'ignore', 'inherit'],
});
const http = new Pool(`http://127.0.0.1:${port}`, { connections });
const database = new pg.Client(databaseUrl);
await database.connect();

try {
  await waitUntilReady();
  await play(2_000, () => {}); // compiles the hot code; not counted
  const before = await cpuSeconds();
  const startedAt = performance.now();
  const latencies = [];
  const calls = await play(seconds * 1_000, (ms) => latencies.push(ms));
  const elapsed = (performance.now() - startedAt) / 1_000;
  const after = await cpuSeconds();
  report({ calls, elapsed, latencies: latencies.sort((a, b) => a - b), before, after });
  await compareRecords();
} finally {
  sandbox.kill();
  await once(sandbox, 'exit');
  await database.end();
  await http.destroy();
  receiver.close();
}

/** Plays whole orders on every connection until the time is over; returns the number of calls. */
async function play(ms, observe) {
  const deadline = performance.now() + ms;
  let calls = 0;
  const customer = async () => {
    while (performance.now() < deadline) {
      const order = crypto.randomUUID();
      const form = `amount=1200&currency=eur&capture_method=manual&payment_method=pm_card_visa&metadata%5Border_id%5D=${order}`;
      const intent = await call('POST', '/v1/payment_intents', form, `${order}:create`, observe);
      await call('POST', `/v1/payment_intents/${intent.id}/confirm`, '', `${order}:confirm`, observe);
      const captured = await call('POST', `/v1/payment_intents/${intent.id}/capture`, '', `${order}:capture`, observe);
      if (captured.status !== 'succeeded') throw new Error(`captured: ${captured.status}`);
      await call('GET', `/v1/payment_intents/${intent.id}`, undefined, undefined, observe);
      calls += 4;
    }
  };
  await Promise.all(Array.from({ length: connections }, customer));
  answered += calls;
  return calls;
}

async function call(method, path, body, key, observe) {
  const startedAt = performance.now();
  const headers = { authorization: 'Bearer sk_test_throughput', 'content-type': 'application/x-www-form-urlencoded' };
  if (key) headers['idempotency-key'] = key;
  const response = await http.request({ method, path, body, headers });
  const answer = await response.body.json();
  if (response.statusCode !== 200)
    throw new Error(`${method} ${path}: ${response.statusCode} ${JSON.stringify(answer)}`);
  observe(performance.now() - startedAt);
  return answer;
}

function report({ calls, elapsed, latencies, before, after }) {
  const at = (share) => latencies[Math.floor(latencies.length * share)].toFixed(1);
  const perCall = (name) => Math.round(((after[name] - before[name]) / calls) * 1e6);
  console.log(
    `${availableParallelism()} cores, Node ${process.version}, ${connections} connections, ${elapsed.toFixed(1)} s${options.pin ? ', pinned' : ''}`,
  );
  console.log(
    `${Math.round(calls / elapsed)} calls/s, latency p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, ${webhooks} webhooks received`,
  );
  console.log(
    `CPU per call: sandbox ${perCall('sandbox')} us (${Math.round(1e6 / perCall('sandbox'))} calls/s per core), its Postgres sessions ${perCall('postgres')} us`,
  );
}

/** Every answer must be on disk, and nothing else. */
async function compareRecords() {
  const { rows } = await database.query(`
    select (select count(*) from call)::int as calls, (select count(*) from call where applied)::int as applied,
           (select count(*) from ledger_entry)::int as ledger`);
  const expected = { calls: answered, applied: (answered / 4) * 3, ledger: (answered / 4) * 2 };
  const isEqual = JSON.stringify(rows[0]) === JSON.stringify(expected);
  console.log(
    `records ${JSON.stringify(rows[0])}: ${isEqual ? 'what was answered' : `expected ${JSON.stringify(expected)}`}`,
  );
  process.exitCode = isEqual ? 0 : 1;
}

/** User and system time so far, of the sandbox and of the sessions that serve it (Linux). */
async function cpuSeconds() {
  const { rows } = await database.query(`select pid from pg_stat_activity where application_name like 'sandbox%'`);
  return { sandbox: cpuOf(sandbox.pid), postgres: rows.reduce((sum, { pid }) => sum + cpuOf(pid), 0) };
}

function cpuOf(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

async function waitUntilReady() {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    const response = await fetch(`http://127.0.0.1:${port}/health/ready`).catch(() => undefined);
    if (response?.ok) return;
    await sleep(100);
  }
  throw new Error('the sandbox is not ready');
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}
