/** `npm stop`: ends the running system, and what a killed one has left, in order. */
import { endLeftovers, findLauncher } from './launcher/home.mjs';
import { readSettings } from './launcher/settings.mjs';
import { describeFailure } from './lib/errors.mjs';
import { sendSignal, startOf } from './lib/processes.mjs';
import { pollUntil } from './lib/wait.mjs';

/** Nine processes, each with 30 s to end before it is forced; in practice two seconds. */
const STOP_WITHIN_MS = 300_000;

const stop = async () => {
  const { home } = readSettings([]);
  const launcher = await findLauncher(home);
  if (launcher) {
    sendSignal(launcher.pid, 'SIGTERM');
    const hasEnded = async () => (await startOf(launcher.pid)) !== launcher.startedAt;
    if (!(await pollUntil(hasEnded, { withinMs: STOP_WITHIN_MS }))) sendSignal(launcher.pid, 'SIGKILL');
  }
  const left = await endLeftovers(home);
  console.log(launcher || left > 0 ? 'Once has stopped.' : 'Once was not running.');
};

try {
  await stop();
} catch (error) {
  console.error(describeFailure(error));
  process.exitCode = 1;
}
