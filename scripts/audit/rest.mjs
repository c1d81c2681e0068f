import { setTimeout as pause } from 'node:timers/promises';

const LOOK_EVERY_MS = 500;

/**
 * Waits until nothing is under way and nothing changes any more.
 *
 *   at rest     no open work, and no mark has moved for `quietMs`
 *   stuck       there is open work, but no mark has moved for `quietMs` when the time is up: it will not get done
 *   busy        something still moves when the time is up
 *
 * @param {{ pulse: (since?: object) => Promise<{ open: Record<string, number>, marks: object }> }[]} sources
 */
export const waitForRest = async (sources, { withinMs, quietMs, report }) => {
  const deadline = performance.now() + withinMs;
  let pulses = [];
  let movedAt = performance.now();
  for (;;) {
    const seen = JSON.stringify(pulses.map(({ marks }) => marks));
    pulses = await Promise.all(sources.map((source, index) => source.pulse(pulses[index]?.marks)));
    const now = performance.now();
    if (JSON.stringify(pulses.map(({ marks }) => marks)) !== seen) movedAt = now;
    const open = openWork(pulses);
    const isQuiet = now - movedAt >= quietMs;
    if (isQuiet && open.length === 0) return { kind: 'at rest', open };
    if (now >= deadline) return { kind: isQuiet ? 'stuck' : 'busy', open };
    report(open.length === 0 ? 'waiting until nothing moves' : `waiting: ${describeWork(open)}`);
    await pause(LOOK_EVERY_MS);
  }
};

/** Work by name, summed over the sources, without what there is none of. */
const openWork = (pulses) => {
  const sums = new Map();
  for (const { open } of pulses) {
    for (const [name, count] of Object.entries(open)) sums.set(name, (sums.get(name) ?? 0) + Number(count));
  }
  return [...sums].filter(([, count]) => count > 0).map(([name, count]) => ({ name, count }));
};

export const describeWork = (open) => open.map(({ name, count }) => `${count} ${name}`).join(', ');
