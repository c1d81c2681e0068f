/**
 * `npm run proofs`: what is slower than a test, each stage by its name. `npm run proofs -- kills guards` runs these two.
 * PROOF_SEEDS=7,8 chooses other seeds, PROOF_CONTROL=outbox one control, PROOF_SLICE=2/4 every fourth COMMIT,
 * TEST_RABBITMQ_IMAGE=rabbitmq:4-management another broker for those that stop and reset one.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describeFailure, LaunchError } from './lib/errors.mjs';
import { repository } from './lib/paths.mjs';
import { buildWorkspaces, checkNodeVersion, installDependencies } from './lib/prepare.mjs';

const STAGES = [
  {
    name: 'kills',
    file: 'services/order/test/proofs/kills.proof.ts',
    shows: 'orders end right while services are killed',
  },
  {
    name: 'faults',
    file: 'services/order/test/proofs/faults.proof.ts',
    shows: 'orders end right under every fault of the outside',
  },
  {
    name: 'cancellations',
    file: 'services/order/test/proofs/cancellations.proof.ts',
    shows: 'three hundred cancellations at any moment of an order, each twice at once',
  },
  {
    name: 'timeouts',
    file: 'services/order/test/proofs/timeouts.proof.ts',
    shows: 'held replies, compensations that overtake their action, and a refund that is answered badly',
  },
  {
    name: 'wire',
    file: 'services/order/test/proofs/wire.proof.ts',
    shows: 'an order ends right, whichever of its events on the wire a cut or a crash meets (PROOF_SLICE=2/30: a part)',
  },
  {
    name: 'broker',
    file: '/broker.proof.ts',
    shows: 'orders end right while the broker is cut, stopped, killed, filled, silenced and reset',
  },
  {
    name: 'model',
    file: 'services/payment/test/proofs/model.proof.ts',
    shows:
      'the payment protocol has no double charge and no orphan in any order of its steps, and needs each of its rules',
  },
  {
    name: 'last-units',
    file: 'services/order/test/proofs/last-units.proof.ts',
    shows: 'the last ten units for a hundred orders, with declined cards and kills',
  },
  {
    name: 'commits',
    file: 'services/order/test/proofs/commits.proof.ts',
    shows: 'a kill before and after every COMMIT of checkout, compensation and refund',
  },
  {
    name: 'saga-guards',
    file: 'services/order/test/proofs/saga-guards.proof.ts',
    shows: 'the proofs of cancellations, timeouts, last units and commits are red without a guard',
  },
  { name: 'guards', file: 'services/order/test/proofs/guards.proof.ts', shows: 'the same run is red without a guard' },
  {
    name: 'edits',
    file: 'libs/idempotency/test/proofs/edits.proof.ts',
    shows: 'each one-line edit of the idempotency library turns a named test red',
  },
  {
    name: 'clock',
    file: 'services/order/test/proofs/clock.proof.ts',
    shows: 'a clock that is a day ahead forgets, takes over and gives up nothing early; needs the package faketime',
  },
  {
    name: 'cost',
    file: 'services/order/test/proofs/cost.proof.ts',
    shows: 'a repeat costs a tenth of its first request at most; and how many bytes a record takes',
  },
  {
    name: 'page',
    file: 'services/sandbox/test/page.proof.ts',
    shows: 'the page of the outside world works in Chromium, which it needs installed',
  },
  {
    name: 'chaos-self',
    file: 'scripts/test/chaos/chaos-self.proof.ts',
    shows: 'a chaos run turns red when money moves twice, and is no proof when nothing is paid',
  },
  { name: 'chaos', script: 'scripts/chaos.mjs', shows: 'two minutes of load and faults leave every promise whole' },
  {
    name: 'controls',
    script: 'scripts/chaos-controls.mjs',
    shows: 'the same load and faults break it without a guard',
  },
  {
    name: 'envelopes',
    file: 'libs/messaging/test/throughput.proof.ts',
    shows: 'messages that travel together cost less than messages that travel alone',
  },
];

const runStage = async ({ name, file, script, shows }) => {
  const started = performance.now();
  console.log(`\n── ${name}: ${shows}`);
  const args = script
    ? [join(repository, script)]
    : [join(repository, 'node_modules/vitest/vitest.mjs'), 'run', '--project=proofs', file];
  const stage = spawn(process.execPath, args, { cwd: repository, stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stage.kill(signal));
  const [code] = await once(stage, 'exit');
  return { name, isGreen: code === 0, seconds: Math.round((performance.now() - started) / 1000) };
};

const chosen = () => {
  const names = process.argv.slice(2);
  const unknown = names.filter((name) => !STAGES.some((stage) => stage.name === name));
  if (unknown.length > 0) {
    throw new LaunchError(
      `There is no stage ${unknown.join(', ')}. There are: ${STAGES.map(({ name }) => name).join(', ')}.`,
    );
  }
  return names.length === 0 ? STAGES : STAGES.filter(({ name }) => names.includes(name));
};

try {
  const stages = chosen();
  const report = (line) => console.log(line);
  checkNodeVersion();
  await installDependencies({ report });
  await buildWorkspaces({ report });
  const results = [];
  for (const stage of stages) results.push(await runStage(stage));
  console.log('');
  for (const { name, isGreen, seconds } of results) console.log(`${isGreen ? '✓' : '✗'} ${name}  ${seconds} s`);
  process.exitCode = results.every(({ isGreen }) => isGreen) ? 0 : 1;
} catch (error) {
  console.error(describeFailure(error));
  process.exitCode = 1;
}
