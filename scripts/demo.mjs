/**
 * `npm run demo`: the story in the terminal. An order, a storm of fifty repeats, a reply that is lost, a kill in the middle, and the
 * ledger of the payment provider, which did not move. It starts a system of its own and ends it.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startNativeStack } from './chaos/targets/native-stack.mjs';
import { tellStory } from './demo/story.mjs';
import { describeFailure } from './lib/errors.mjs';
import { checkNodeVersion, installDependencies } from './lib/prepare.mjs';

const demo = async () => {
  checkNodeVersion();
  const home = mkdtempSync(join(tmpdir(), 'once-demo-'));
  const report = (line) => console.log(`  ${line}`);
  const interrupted = new Promise((_resolve, reject) => {
    for (const name of ['SIGINT', 'SIGTERM']) process.once(name, () => reject(new Error('interrupted')));
  });
  let target;
  try {
    await installDependencies({ report });
    target = await startNativeStack({ home, report });
    return await Promise.race([tellStory(target), interrupted]);
  } finally {
    await target?.stop();
    rmSync(home, { recursive: true, force: true });
  }
};

try {
  process.exit((await demo()) ? 0 : 1);
} catch (error) {
  console.error(describeFailure(error));
  process.exit(1);
}
