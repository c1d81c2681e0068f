/**
 * Orders at half of what the system can do, for long enough that everything that cleans up has done so many times: reaper, outbox,
 * autovacuum, checkpoints. Steady means that no order is lost and that neither memory nor tables grow.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { renderTable } from '../terminal/table.mjs';
import { cpuByProcess } from './costs.mjs';
import { percentile } from './figures.mjs';
import { Load } from './load.mjs';
import { measureLoad, refuseHarm, warmUp } from './measurement.mjs';
import { startOnce } from './once-system.mjs';
import { judgeSteadiness } from './steadiness.mjs';
import { readTables } from './table-growth.mjs';
import { memoryByProcess } from './memory.mjs';

/** Answers end after two minutes and events after three, so that the reaper has a steady stream of them to delete. */
const SHORT_RETENTION = { IDEMPOTENCY_RETENTION_MS: '120000', EVENT_RETENTION_MS: '180000' };
const EVERY_MS = 10_000;
const CAPACITY = { window: 128 };
const CAPACITY_SECONDS = 10;

export const runSoak = async (minutes, { warmUpSeconds }, say) => {
  say('starting Once and warming it up');
  const system = await startOnce({ environment: SHORT_RETENTION });
  try {
    await warmUp(system, warmUpSeconds);
    const { figures } = await measureLoad(system, CAPACITY, { seconds: CAPACITY_SECONDS });
    const rate = Math.max(1, Math.floor(figures.ordersPerSecond / 2));
    say(`${minutes} minutes at ${rate} orders/s, half of its ${figures.ordersPerSecond.toFixed(0)}`);
    const { samples, ...load } = await loadAndSample(system, { rate, durationMs: minutes * 60_000 }, say);
    const verdicts = judgeSteadiness(samples);
    console.log(renderTable(verdicts));
    return {
      minutes,
      rate,
      ...load,
      isSteady: verdicts.every(({ verdict }) => verdict !== 'GROWS'),
      verdicts,
      samples,
    };
  } finally {
    await system.stop();
  }
};

const loadAndSample = async (system, { rate, durationMs }, say) => {
  const driver = new Load(system);
  const unread = async () => undefined;
  const times = { warmUpMs: 0, durationMs, onStart: unread, onEnd: unread };
  const samples = [];
  const begin = Date.now();
  const sampling = (async () => {
    let before = { done: 0, cpu: cpuByProcess(system.pids) };
    for (let next = begin + EVERY_MS; next <= begin + durationMs; next += EVERY_MS) {
      await sleep(next - Date.now());
      const now = { done: driver.done.length, cpu: cpuByProcess(system.pids) };
      const sample = {
        seconds: Math.round((Date.now() - begin) / 1_000),
        ...costOf(before, now),
        memory: memoryByProcess(system.pids),
        ...(await readTables(system.databases)),
      };
      before = now;
      samples.push(sample);
      say(`  ${sample.ordersPerSecond.toFixed(0)} orders/s  ${sample.cpuMs.toFixed(2)} CPU ms  ${summaryOf(sample)}`);
    }
  })();
  try {
    const [result] = await Promise.all([driver.open({ rate, ...times }), sampling]);
    await refuseHarm(system, result);
    const { latencies } = result;
    return { samples, orders: result.orders, p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99) };
  } finally {
    driver.close();
  }
};

const costOf = (before, now) => {
  const orders = now.done - before.done;
  const spent = Object.keys(now.cpu).reduce((sum, name) => sum + now.cpu[name] - before.cpu[name], 0);
  return { ordersPerSecond: orders / (EVERY_MS / 1_000), cpuMs: spent / orders };
};

const summaryOf = ({ memory, tables, autovacuums, checkpoints }) => {
  const megabytes = Object.values(memory).reduce((sum, bytes) => sum + bytes, 0) / 1e6;
  const rows = tables.map(({ service, table, rows: count }) => `${service}.${table} ${count}`);
  return `${megabytes.toFixed(0)} MB  ${autovacuums} autovacuums  ${checkpoints} checkpoints  ${rows.join('  ')}`;
};
