/** Orders per second while a process is killed every five seconds, beside a time of peace of the same length; two replicas each. */
import { setTimeout as sleep } from 'node:timers/promises';

const EVERY_MS = 5_000;
const SECONDS = 30;
const ROUNDS = 2;
/** The dead take their accounts with them, so nobody is billed. */
const TIMES = { seconds: SECONDS, isBilled: false };
const LOAD = { window: 128, isPersistent: true };

export const chaos = {
  title: 'a process killed every five seconds',
  systems: ['mortal'],
  measure: async (field) => {
    const system = field.systems.get('mortal');
    const measurements = [];
    // Peace first: processes that have just been born are slower than those that have run for a while.
    for (let round = 0; round < ROUNDS; round += 1)
      measurements.push({ round, ...(await field.measure('mortal', { title: 'peace', ...LOAD }, TIMES)) });
    for (let round = 0; round < ROUNDS; round += 1) {
      const [measured, kills] = await Promise.all([
        field.measure('mortal', { title: 'chaos', ...LOAD }, TIMES),
        killInTurn(system, SECONDS * 1_000),
      ]);
      field.say(`  ${kills} processes were killed`);
      measurements.push({ round, kills, ...measured });
    }
    return measurements;
  },
};

/** The processes one after the other; resolves with how many, when all of them run again. */
const killInTurn = async ({ processes, restart }, forMs) => {
  const restarts = [];
  while (restarts.length * EVERY_MS < forMs) {
    await sleep(EVERY_MS);
    restarts.push(restart(processes[restarts.length % processes.length]));
  }
  await Promise.all(restarts);
  return restarts.length;
};
