/**
 * `npm run audit:dependencies`: fails when a package that production runs has a known hole of high severity or worse. Where
 * the registry has no such service, as mirrors often have not, it says so and judges nothing.
 */
import { execFile } from 'node:child_process';
import { repository } from './lib/paths.mjs';

const GATE = new Set(['high', 'critical']);
const ANSWER_WITHIN_MS = 120_000;

/** npm ends with 1 whenever it has found anything; what it prints says what. */
const askRegistry = () =>
  new Promise((resolve) => {
    const args = ['audit', '--json', '--omit=dev'];
    execFile(
      'npm',
      args,
      { cwd: repository, timeout: ANSWER_WITHIN_MS, maxBuffer: 64 * 1024 * 1024 },
      (_error, stdout) => resolve(stdout),
    );
  });

const parse = (text) => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const report = parse(await askRegistry());
if (report?.metadata?.vulnerabilities === undefined) {
  console.log('not judged: the registry does not answer audits', report?.message ?? '');
} else {
  const found = Object.values(report.vulnerabilities ?? {}).filter(({ severity }) => GATE.has(severity));
  for (const { name, severity, range } of found) console.error(`✗ ${severity}: ${name} ${range}`);
  if (found.length === 0) console.log('✓ no package that production runs has a known hole of high severity');
  process.exitCode = found.length === 0 ? 0 : 1;
}
