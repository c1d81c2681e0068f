/**
 * `npm run bench`: what an order costs, beside DBOS Transact doing the same work and beside our own naive mode, and whether the
 * goals hold. `-- --quick` for one pair, `-- --scenarios peer,growth`, `-- --soak 20`, `-- --goals` to judge the last results
 * again. docs/performance.md has all of it.
 *
 * Ends with 1 when an order was lost, failed or captured twice, with 2 when the run is INVALID, with 3 when a goal that gates a
 * release is missed, and otherwise with 0. `--quick` only reports.
 */
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { writeDocument } from './bench/document.mjs';
import { Field } from './bench/field.mjs';
import { judgeGoals, missedGates } from './bench/goals.mjs';
import { measureLimits } from './bench/limits.mjs';
import { readOptions } from './bench/options.mjs';
import { toHtml } from './bench/page.mjs';
import { installPeers } from './bench/peer-systems.mjs';
import { readResults, writeResults } from './bench/results.mjs';
import { stopEverything } from './bench/scaffold.mjs';
import { SCENARIOS } from './bench/scenarios.mjs';
import { runSoak } from './bench/soak.mjs';
import { SYSTEMS } from './bench/systems.mjs';
import { figureRows, goalRows, limitRows, processRows, squared } from './bench/tables.mjs';
import { findInvalidity } from './bench/validity.mjs';
import { describeFailure, LaunchError } from './lib/errors.mjs';
import { repository } from './lib/paths.mjs';
import { buildWorkspaces, checkNodeVersion, installDependencies } from './lib/prepare.mjs';
import { run } from './lib/processes.mjs';
import { renderTable } from './terminal/table.mjs';

const directory = join(repository, '.once-bench');
const fileOf = ({ isQuick }, extension = 'json') => join(directory, `${isQuick ? 'quick' : 'bench'}.${extension}`);

const startedAt = Date.now();
const say = (line) => console.log(`${String(Math.round((Date.now() - startedAt) / 1_000)).padStart(5)} s  ${line}`);

const prepare = async (scenarios) => {
  checkNodeVersion();
  await installDependencies({ report: say });
  await buildWorkspaces({ report: say });
  const systems = scenarios.flatMap((name) => SCENARIOS[name].systems);
  if (systems.some((name) => SYSTEMS[name].isPeer)) await installPeers(say);
};

const conditionsOf = async () => ({
  date: new Date().toISOString(),
  commit: (await run('git', ['rev-parse', '--short', 'HEAD'], { cwd: repository }).catch(() => 'unknown')).trim(),
  machine: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.versions.node}`,
  command: `npm run bench -- ${process.argv.slice(2).join(' ')}`.trim(),
});

/** Scenario after scenario; what each found is kept at once, and that of an earlier run where this one does not measure it. */
const measure = async (options) => {
  await prepare(options.scenarios);
  const conditions = await conditionsOf();
  const results = { ...readResults(fileOf(options)), conditions };
  if (options.measuresLimits) {
    say('what the machine itself can do');
    results.limits = await measureLimits();
    console.log(renderTable(limitRows(results.limits)));
  }
  let field;
  try {
    for (const name of options.scenarios) {
      field = await fieldFor(SCENARIOS[name], field, options);
      say(`── ${SCENARIOS[name].title}`);
      const measurements = await SCENARIOS[name].measure(field, options);
      results.scenarios[name] = { conditions, measurements };
      writeResults(fileOf(options), results);
      console.log(`\n${renderTable(squared(figureRows(measurements)))}\n\n${renderTable(processRows(measurements))}\n`);
    }
  } finally {
    await field?.stop();
  }
  return results;
};

/** The systems that the scenario before has left running, if they are the ones. */
const fieldFor = async ({ systems }, field, options) => {
  if (field?.names.join() === systems.join()) return field;
  await field?.stop();
  return Field.start(systems, options, say);
};

const judge = (results, options) => {
  console.log(renderTable(goalRows(results).filter(({ verdict }) => !options.isQuick || verdict !== 'not measured')));
  console.log('* gates a release');
  writeResults(fileOf(options), { ...results, goals: judgeGoals(results) });
  writeFileSync(fileOf(options, 'html'), toHtml(results));
  say(`all figures: ${fileOf(options)}, and to look at: ${fileOf(options, 'html')}`);
  const invalidity = findInvalidity(results);
  if (invalidity !== null) console.error(invalidity);
  if (options.isQuick) return;
  if (invalidity !== null) process.exitCode = 2;
  else if (missedGates(judgeGoals(results)).length > 0) process.exitCode = 3;
};

const bench = async () => {
  const options = readOptions(process.argv.slice(2), Object.keys(SCENARIOS));
  if (options.soakMinutes !== null) {
    await prepare([]);
    const results = readResults(fileOf(options));
    const conditions = await conditionsOf();
    const soak = await runSoak(options.soakMinutes, options, say);
    writeResults(fileOf(options), { conditions, ...results, soak: { conditions, ...soak } });
    if (!soak.isSteady) process.exitCode = 1;
    return;
  }
  const results = options.isReading ? readResults(fileOf(options)) : await measure(options);
  if (results.conditions === undefined) throw new LaunchError('Nothing was measured yet. Run: npm run bench');
  if (options.writesPage) writeDocument(results);
  else judge(results, options);
};

for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, () => {
    say('interrupted; ending what was started');
    void stopEverything().finally(() => process.exit(1));
  });

try {
  await bench();
} catch (error) {
  console.error(describeFailure(error));
  process.exitCode = 1;
}
