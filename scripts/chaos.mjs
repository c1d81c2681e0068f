/** `npm run chaos`: real load, real faults, and a judgement at the ledger of the world outside. `-- --help` has the options. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCourse } from './chaos/course.mjs';
import { openTarget } from './chaos/targets/open-target.mjs';
import { readChaosSettings, USAGE } from './chaos/settings.mjs';
import { showProgress } from './chaos/report/progress.mjs';
import { writeReports } from './chaos/report/write-reports.mjs';
import { describeFailure, LaunchError } from './lib/errors.mjs';
import { checkNodeVersion, installDependencies } from './lib/prepare.mjs';

const EXIT_CODES = { green: 0, broken: 1, invalid: 2 };

const chaos = async () => {
  const settings = readChaosSettings();
  if (settings.help) {
    console.log(USAGE);
    return 0;
  }
  checkNodeVersion();
  mkdirSync(settings.directory, { recursive: true });
  const interrupt = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(name, () => interrupt.abort());
  }
  const report = reporter(settings.directory);
  report(settings.command);
  await installDependencies({ report, signal: interrupt.signal });
  const target = await openTarget(settings, report, interrupt.signal);
  try {
    const run = await runCourse(target, settings, {
      report,
      progress: (statistics) => showProgress(statistics, report),
      signal: interrupt.signal,
    });
    report(await writeReports(run, settings.directory));
    return EXIT_CODES[run.verdict];
  } catch (error) {
    throw interrupt.signal.aborted ? new LaunchError('Interrupted: this run says nothing.') : error;
  } finally {
    report('stopping');
    await target.stop();
  }
};

/** What is told is also on disk, with the seconds since the start. */
const reporter = (directory) => {
  const lines = [];
  return (line) => {
    const text = `${`${process.uptime().toFixed(1)} s`.padStart(8)}  ${line}`;
    console.log(text);
    lines.push(text);
    writeFileSync(join(directory, 'chaos.log'), `${lines.join('\n')}\n`);
  };
};

try {
  process.exit(await chaos());
} catch (error) {
  console.error(describeFailure(error));
  process.exit(EXIT_CODES.invalid);
}
