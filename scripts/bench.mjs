/**
 * `npm run bench`: what an order costs, beside DBOS Transact doing the same work and beside our own naive mode, in turn on the
 * same machine. `-- --quick` for one pair; `-- --pairs 5 --seconds 10 --windows 1,64,128,256 --rates 50,100`.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { billOf, readCosts } from './bench/costs.mjs';
import { installDbos, startDbos } from './bench/dbos-system.mjs';
import { measureLimits } from './bench/limits.mjs';
import { Load } from './bench/load.mjs';
import { startOnce } from './bench/once-system.mjs';
import { limitsTable, toHtml, toTable } from './bench/report.mjs';
import { describeFailure, LaunchError } from './lib/errors.mjs';
import { repository } from './lib/paths.mjs';
import { buildWorkspaces, checkNodeVersion, installDependencies } from './lib/prepare.mjs';
import { run } from './lib/processes.mjs';

/** The naive mode is settings, not other code: batches of one, which also makes every envelope one message. */
const SYSTEMS = {
  once: { title: 'Once', start: () => startOnce() },
  naive: { title: 'Once, naive', start: () => startOnce({ environment: { BATCH_MAX: '1' } }) },
  dbos: { title: 'DBOS Transact', start: startDbos },
};

/** A peer that needs more than this at 64 in flight is not at its best, and beating it proves nothing. */
const DBOS_CPU_MS_MAX = 18;

const readOptions = () => {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      pairs: { type: 'string' },
      seconds: { type: 'string' },
      windows: { type: 'string' },
      rates: { type: 'string' },
      systems: { type: 'string', default: Object.keys(SYSTEMS).join(',') },
    },
  });
  const usual = values.quick
    ? { pairs: '1', seconds: '10', windows: '64', rates: '' }
    : { pairs: '5', seconds: '10', windows: '1,64,128,256', rates: '50,100,500' };
  const numbers = (text) => text.split(',').filter(Boolean).map(positive);
  const systems = values.systems.split(',');
  const unknown = systems.find((name) => !(name in SYSTEMS));
  if (unknown !== undefined)
    throw new LaunchError(`There is no system ${unknown}; there are ${Object.keys(SYSTEMS).join(', ')}.`);
  return {
    systems,
    pairs: positive(values.pairs ?? usual.pairs),
    seconds: positive(values.seconds ?? usual.seconds),
    windows: numbers(values.windows ?? usual.windows),
    rates: numbers(values.rates ?? usual.rates),
  };
};

const positive = (text) => {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  throw new LaunchError(`"${text}" is not a whole number above 0.`);
};

/** All loads on one fresh system, one after the other. */
const measureSystem = async (name, loads, seconds) => {
  const { default: pg } = await import('pg'); // only after npm ci
  const system = await SYSTEMS[name].start();
  const client = new pg.Client({ connectionString: system.databaseServer });
  try {
    await client.connect();
    await client.query('create extension if not exists pg_stat_statements');
    const measured = [];
    for (const load of loads) {
      const result = await measureLoad(system, client, load, seconds);
      measured.push({ system: name, load: titleOf(load), ...result });
      console.log(`  ${SYSTEMS[name].title.padEnd(14)} ${titleOf(load).padEnd(14)} ${lineOf(result)}`);
    }
    return measured;
  } finally {
    await client.end().catch(() => undefined);
    await system.stop();
  }
};

const measureLoad = async (system, client, { window, rate }, seconds) => {
  const load = new Load(system, { runId: `bench-${process.pid}-${Date.now()}` });
  const times = {
    warmUpMs: 3_000,
    durationMs: seconds * 1_000,
    onStart: () => readCosts(system, client),
    onEnd: () => readCosts(system, client),
  };
  const { start, end, ...result } = await (window ? load.closed({ window, ...times }) : load.open({ rate, ...times }));
  load.close();
  if (result.lost > 0 || result.failed.length > 0) {
    throw new LaunchError(
      `${result.lost} orders were lost and ${result.failed.length} failed: ${result.failed[0] ?? ''}`,
    );
  }
  const captures = [...(await system.outside.captures()).values()];
  if (captures.some((count) => count !== 1)) throw new LaunchError('an order was captured more than once');
  return { ...result, bill: billOf(start, end, result.orders) };
};

const titleOf = ({ window, rate }) => (window ? `${window} in flight` : `${rate} per second`);

const lineOf = ({ orders, seconds, latencies, bill }) =>
  `${(orders / seconds).toFixed(0).padStart(5)} orders/s  p99 ${latencies[Math.floor(latencies.length * 0.99)]} ms  ` +
  `${bill.cpuMsInAll.toFixed(2)} CPU ms  ${bill.statements.toFixed(2)} statements  ${bill.commits.toFixed(2)} commits`;

const bench = async () => {
  const options = readOptions();
  const report = (line) => console.log(line);
  checkNodeVersion();
  await installDependencies({ report });
  await buildWorkspaces({ report });
  if (options.systems.includes('dbos')) await installDbos(report);

  report('measuring what the machine itself can do');
  const limits = await measureLimits();
  console.log(limitsTable(limits));

  const loads = [...options.windows.map((window) => ({ window })), ...options.rates.map((rate) => ({ rate }))];
  const measurements = [];
  for (let pair = 0; pair < options.pairs; pair += 1) {
    console.log(`\nround ${pair + 1} of ${options.pairs}`);
    // Each round begins with another system, so that none always runs on the warmest or the coldest machine.
    const order = options.systems.map((_, index) => options.systems[(index + pair) % options.systems.length]);
    for (const name of order) measurements.push(...(await measureSystem(name, loads, options.seconds)));
  }
  const conditions = {
    date: new Date().toISOString(),
    commit: (await run('git', ['rev-parse', '--short', 'HEAD'], { cwd: repository }).catch(() => 'unknown')).trim(),
    machine: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.versions.node}`,
    command: `npm run bench -- ${process.argv.slice(2).join(' ')}`.trim(),
  };
  const titles = Object.fromEntries(Object.entries(SYSTEMS).map(([name, { title }]) => [name, title]));
  console.log(`\n${toTable(measurements, titles)}`);
  const directory = join(repository, '.once-bench');
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'bench.json'), JSON.stringify({ conditions, limits, measurements }, null, 1));
  writeFileSync(join(directory, 'bench.html'), toHtml({ conditions, limits, measurements, titles }));
  console.log(`\nAll figures: ${directory}/bench.json, and to look at: bench.html`);

  const slow = measurements.find(
    ({ system, load, bill }) => system === 'dbos' && load === '64 in flight' && bill.cpuMsInAll > DBOS_CPU_MS_MAX,
  );
  if (slow === undefined) return;
  console.error(
    `INVALID: DBOS took ${slow.bill.cpuMsInAll.toFixed(1)} CPU ms per order at 64 in flight, more than ${DBOS_CPU_MS_MAX}. ` +
      'The machine is too busy to compare anything on it; end what else runs and repeat.',
  );
  process.exitCode = 2;
};

try {
  await bench();
} catch (error) {
  console.error(describeFailure(error));
  process.exitCode = 1;
}
