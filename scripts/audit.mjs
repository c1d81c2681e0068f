/**
 * `npm run audit`: every invariant of the promise, over the provider's ledger, the databases and the broker of a running system.
 *
 *   -- --json              the findings as JSON on standard output
 *   -- --within 60         seconds that the system is given to come to rest
 *   -- --requests <file>   what was asked and answered, one JSON object per line: judges the answers too
 *   -- --stock mug=100     units of an SKU before anything happened; once per SKU
 *
 * Where the sources are not those of `npm start` or compose: ONCE_HOME, ONCE_PORT_BASE, DATABASE_URL, AMQP_URL, or each by
 * itself: ORDER_DATABASE_URL, PAYMENT_DATABASE_URL, NOTIFICATION_DATABASE_URL, SANDBOX_URL, AMQP_MANAGEMENT_URL.
 *
 * Exit code 0: every invariant holds. 1: one is broken. 2: invalid, nothing happened or it could not be judged.
 */
import { audit } from './audit/audit.mjs';
import { renderFindings } from './audit/report.mjs';
import { readAuditSettings } from './audit/settings.mjs';
import { UnjudgeableError } from './audit/unjudgeable.mjs';
import { LaunchError, describeFailure } from './lib/errors.mjs';

const EXIT_CODES = { green: 0, broken: 1, invalid: 2 };

/** A line that says the same kind of thing as the last one, with other numbers, can wait this long. */
const REPORT_EVERY_MS = 5_000;

/** What is under way goes to standard error, so that standard output holds the findings and nothing else. */
const progress = () => {
  let last = { kind: '', at: 0 };
  return (line) => {
    const kind = line.split(':', 1)[0];
    const now = performance.now();
    if (kind === last.kind && now - last.at < REPORT_EVERY_MS) return;
    last = { kind, at: now };
    console.error(`  ${line}`);
  };
};

const run = async () => {
  let isJson = process.argv.includes('--json');
  try {
    const settings = readAuditSettings();
    isJson = settings.isJson;
    const findings = await audit(settings, progress());
    console.log(isJson ? JSON.stringify(findings, undefined, 2) : `\n${renderFindings(findings)}`);
    return findings.verdict;
  } catch (error) {
    const isExplained = error instanceof UnjudgeableError || error instanceof LaunchError;
    const why = isExplained ? error.message : describeFailure(error);
    console.log(isJson ? JSON.stringify({ verdict: 'invalid', why }, undefined, 2) : `\n– invalid: ${why}`);
    return 'invalid';
  }
};

process.exitCode = EXIT_CODES[await run()];
