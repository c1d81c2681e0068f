/**
 * `npm test`: installs what is missing, compiles, and runs every test a laptop can: unit, integration on a real Postgres and
 * RabbitMQ, end to end. Arguments go to vitest. The last line counts the tests: `N passed, N failed`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findOrInstallRabbitMq } from './infrastructure/rabbitmq-installation.mjs';
import { describeFailure, LaunchError } from './lib/errors.mjs';
import { repository } from './lib/paths.mjs';
import { buildWorkspaces, checkNodeVersion, installDependencies } from './lib/prepare.mjs';

const report = (line) => console.log(line);

const runVitest = async (resultFile) => {
  const vitest = spawn(
    process.execPath,
    [
      join(repository, 'node_modules/vitest/vitest.mjs'),
      'run',
      // Proofs take minutes each: `npm run proofs`.
      '--project=!proofs',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${resultFile}`,
      ...process.argv.slice(2),
    ],
    { cwd: repository, stdio: 'inherit' },
  );
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => vitest.kill(signal));
  const [code] = await once(vitest, 'exit');
  return code;
};

/** A file that cannot be loaded and an error outside any test have no test to count, but are failures. */
const countTests = (resultFile, exitCode) => {
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(resultFile, 'utf8'));
  const filesWithoutTests = testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  ).length;
  const failed = numFailedTests + filesWithoutTests;
  return { passed: numPassedTests, failed: failed === 0 && exitCode !== 0 ? 1 : failed };
};

const test = async () => {
  checkNodeVersion();
  // Before anything else, so that a missing broker is one clear error and not one in every test file.
  if (!process.env.TEST_AMQP_URL) await findOrInstallRabbitMq(report);
  await installDependencies({ report });
  await buildWorkspaces({ report });
  const directory = mkdtempSync(join(tmpdir(), 'once-test-result-'));
  try {
    const resultFile = join(directory, 'result.json');
    const exitCode = await runVitest(resultFile);
    if (exitCode === null) throw new LaunchError('The tests were interrupted.');
    return countTests(resultFile, exitCode);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
};

const summarize = async () => {
  try {
    return await test();
  } catch (error) {
    console.error(describeFailure(error));
    return { passed: 0, failed: 1 };
  }
};

const { passed, failed } = await summarize();
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
