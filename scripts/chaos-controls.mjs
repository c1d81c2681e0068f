/**
 * `npm run chaos:controls`: the same run again and again, each time without one guard of one service. It passes when the run of the
 * unmodified build is green, and every other one is broken for the reason that the table names.
 *
 *   -- claim outbox      these guards only
 *   -- --commit HASH     two guards that the hash chooses, so that every commit tries others
 *   -- --seed 5          another seed than the one that all runs share
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CONTROLS, STANDARD_RUN } from '../load-tests/controls/table.mjs';
import { describeFailure, LaunchError } from './lib/errors.mjs';
import { LOAD_TESTS } from './lib/k6.mjs';
import { repository } from './lib/paths.mjs';
import { renderTable } from './terminal/table.mjs';

/** What all runs have in common. Rest is not waited for as long as in a run that should be green. */
const COMMAND = ['--rate', '10', '--within', '60s'];
/** Long enough that what it asks of every fault can be asked of each of them. */
const UNMODIFIED_DURATION = '45s';
const SEED = '5';
/**
 * What meets what is up to the machine: a missing guard may show nothing once, and a run may say of itself that it means nothing.
 * Either is made once more, with the same seed. A build that was found broken is not.
 */
const TRIES = 2;
/** The exit code of a run that means nothing. */
const INVALID = 2;

const controls = async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { seed: { type: 'string', default: SEED }, commit: { type: 'string' } },
  });
  const chosen = choose(positionals, values.commit);
  const directory = join(
    repository,
    '.once/chaos',
    `controls-${new Date().toISOString().slice(0, 19).replaceAll(':', '')}`,
  );
  mkdirSync(directory, { recursive: true });
  console.log(`${chosen.length} controls, seed ${values.seed}; their reports are in ${directory}`);

  const rows = [];
  for (const control of [undefined, ...chosen]) {
    const run = control === undefined ? runOfAll(chosen) : { ...STANDARD_RUN, ...control.run };
    rows.push(await judge(control, { run, seed: values.seed, directory }));
  }
  console.log(`\n${renderTable(rows.map(({ mayDiffer: _, ...shown }) => shown))}`);
  return rows.every(({ passed }) => passed === '✓');
};

const choose = (guards, commit) => {
  if (commit !== undefined) {
    const first = Number.parseInt(commit.slice(0, 7), 16) % CONTROLS.length;
    return [CONTROLS[first], CONTROLS[(first + 1) % CONTROLS.length]];
  }
  const unknown = guards.find((guard) => !CONTROLS.some((control) => control.guard === guard));
  if (unknown)
    throw new LaunchError(
      `There is no control ${unknown}. There are: ${CONTROLS.map(({ guard }) => guard).join(', ')}.`,
    );
  return guards.length === 0 ? CONTROLS : CONTROLS.filter(({ guard }) => guards.includes(guard));
};

const judge = async (control, options) => {
  for (let tries = 1; ; tries += 1) {
    const started = performance.now();
    const row = await runOne(control, options);
    const seconds = Math.round((performance.now() - started) / 1_000);
    console.log(`${row.passed}  ${row.guard}: ${row.found}  (${seconds} s)`);
    if (!row.mayDiffer || tries === TRIES) return row;
  }
};

/** Without a control, the unmodified build. */
const runOne = async (control, { run, seed, directory }) => {
  const guard = control?.guard ?? 'nothing';
  const out = join(directory, guard);
  const args = ['--seed', seed, ...COMMAND, '--out', out, ...argumentsOf(run), ...replacementsOf(control)];
  const child = spawn(process.execPath, [join(repository, 'scripts/chaos.mjs'), ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  for (const name of ['SIGINT', 'SIGTERM']) process.once(name, () => child.kill(name));
  const [code] = await once(child, 'exit');
  const file = join(out, 'report.json');
  const facts = existsSync(file)
    ? JSON.parse(readFileSync(file, 'utf8'))
    : { broken: [], invalid: [`exit code ${code}`] };
  return control ? judgeControl(control, code, facts) : judgeUnmodified(code, facts);
};

const argumentsOf = ({ faults, duration, often }) => ['--faults', faults, '--duration', duration, '--often', often];

/** The build as it is suffers whatever any of the chosen controls suffers. */
const runOfAll = (chosen) => {
  const runs = [STANDARD_RUN, ...chosen.flatMap(({ run }) => run ?? [])];
  const faults = [...new Set(runs.flatMap((run) => run.faults.split(',')))].join(',');
  return { ...STANDARD_RUN, faults, duration: UNMODIFIED_DURATION };
};

const replacementsOf = (control) => {
  if (control === undefined) return [];
  const entries = { [control.service]: control.guard, ...control.also };
  return Object.entries(entries).flatMap(([service, name]) => [
    '--replace',
    `${service}=${join(LOAD_TESTS, 'controls', `${name}.mjs`)}`,
  ]);
};

const judgeUnmodified = (code, { broken, invalid }) => ({
  passed: code === 0 ? '✓' : '✗',
  mayDiffer: code === INVALID,
  guard: '(none is missing)',
  expected: 'green',
  found: code === 0 ? 'green' : [...broken, ...invalid].join('; '),
});

const judgeControl = ({ guard, service, breaks }, code, { judgements = [], invalid }) => {
  const broken = judgements.flatMap(({ invariants }) => invariants.filter(({ verdict }) => verdict === 'broken'));
  const counts = new Map(broken.map(({ name, rows }) => [name, rows.length]));
  const isForItsReason = code === 1 && breaks.some((name) => counts.has(name));
  return {
    passed: isForItsReason ? '✓' : '✗',
    mayDiffer: !isForItsReason,
    guard: `${guard} (${service})`,
    expected: breaks.join(' or '),
    found: [...counts].map(([name, count]) => `${name}: ${count}`).join(', ') || `nothing; ${invalid.join('; ')}`,
  };
};

try {
  process.exitCode = (await controls()) ? 0 : 1;
} catch (error) {
  console.error(describeFailure(error));
  process.exitCode = 1;
}
