/**
 * `npm run load:smoke`: the smoke workload of k6 against a system that runs already, then the judgement of the provider's
 * ledger. `-- --orders 200` for more; ORDER_URL and SANDBOX_URL when the system is not on its usual ports.
 */
import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';
import { LaunchError, describeFailure } from './lib/errors.mjs';
import { environmentArguments, findK6, LOAD_TESTS } from './lib/k6.mjs';
import { findLedgerProblems } from './smoke/ledger-check.mjs';
import { RunningSystem } from './smoke/running-system.mjs';

/** The workload ends itself after ten minutes. */
const RUN_WITHIN_MS = 11 * 60_000;

/** The development key of the second account: whatever is tried by hand uses the first, so nothing is counted twice. */
const API_KEY = process.env.API_KEY ?? 'sk_acme';
const base = Number(process.env.ONCE_PORT_BASE ?? 3000);
const orderUrl = process.env.ORDER_URL ?? `http://127.0.0.1:${base}`;
const sandboxUrl = process.env.SANDBOX_URL ?? `http://127.0.0.1:${base + 3}`;

const smoke = async () => {
  const { values } = parseArgs({ options: { orders: { type: 'string', default: '50' } } });
  const system = new RunningSystem({ orderUrl, sandboxUrl, apiKey: API_KEY });
  const newest = await system.newestOrderId();
  const environment = { ORDER_URL: orderUrl, API_KEY, ORDERS: values.orders, RUN_ID: `${Date.now()}` };
  const isWithinThresholds = await runK6(await findK6(), environment);

  const orders = await system.ordersSince(newest);
  const problems = findLedgerProblems(orders, await system.ledger());
  if (orders.length !== Number(values.orders)) problems.push(`${values.orders} keys made ${orders.length} orders`);
  if (!isWithinThresholds) problems.push('k6 reports a crossed threshold, see above');
  if (problems.length > 0) throw new LaunchError(problems.join('\n  '));
  console.log(`✓ ${orders.length} orders, each captured at most once and exactly as it ended`);
};

/** Resolves with whether every threshold held; k6 itself says so with exit code 99. */
const runK6 = ([command, ...prefix], environment) => {
  const variables = environmentArguments(environment);
  const args = [...prefix, 'run', '--quiet', '--no-usage-report', ...variables, 'workloads/smoke.ts'];
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: LOAD_TESTS,
      stdio: ['ignore', 'inherit', 'inherit'],
      timeout: RUN_WITHIN_MS,
    });
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      if (code === 0 || code === 99) resolve(code === 0);
      else reject(new LaunchError(`k6 could not run the workload (${signal ?? code}).`));
    });
  });
};

try {
  await smoke();
} catch (error) {
  console.error(describeFailure(error));
  process.exitCode = 1;
}
