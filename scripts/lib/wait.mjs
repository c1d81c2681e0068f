import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Polls `probe` until it answers something truthy and returns that answer; returns undefined at the deadline.
 * The probe is asked once more at the deadline, so a machine that was suspended meanwhile is not judged by its clock alone.
 */
export const pollUntil = async (probe, { withinMs, everyMs = 50 }) => {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const isLast = performance.now() >= deadline;
    const answer = await probe();
    if (answer) return answer;
    if (isLast) return undefined;
    await sleep(everyMs);
  }
};
