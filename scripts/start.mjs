/**
 * `npm start`: the whole system on this machine, from a fresh clone. Ctrl-C, or `npm stop`, ends it.
 *
 *   npm start -- --detach    returns when everything runs
 *   ONCE_PORT_BASE=4000      other ports (order on the base itself)
 *   ONCE_REPLICAS=2          replicas of each service, the second on ports 100 above
 *   ONCE_HOME=.once          where data, logs and processes.json are
 *   DATABASE_URL, AMQP_URL   servers of your own instead of ours
 */
import { describeFailure } from './lib/errors.mjs';
import { checkNodeVersion } from './lib/prepare.mjs';
import { launchDetached, tell } from './launcher/detach.mjs';
import { launch } from './launcher/launch.mjs';
import { readSettings } from './launcher/settings.mjs';

const report = (line) => {
  console.log(line);
  tell({ line });
};

/** Resolves with the exit code. */
const start = async () => {
  checkNodeVersion();
  const settings = readSettings();
  if (settings.detach) return launchDetached(settings);
  await launch(settings, { report, onReady: () => tell({ isReady: true }) });
  return 0;
};

process.stdout.on('error', () => {}); // a closed terminal or pipe must not end the system in disorder
try {
  process.exit(await start());
} catch (error) {
  const failure = describeFailure(error);
  console.error(failure);
  tell({ failure });
  process.exit(1);
}
