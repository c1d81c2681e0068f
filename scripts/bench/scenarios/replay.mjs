/** Requests under keys that were used already, beside the first ones under those keys. */
import { billOf, readCosts } from '../costs.mjs';
import { Load } from '../load.mjs';
import { refuseHarm } from '../measurement.mjs';

const ROUNDS = 3;
const WINDOW = 64;

export const replay = {
  title: 'a stored answer',
  systems: ['once'],
  measure: async (field, { seconds }) => {
    const system = field.systems.get('once');
    const measurements = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const { first, again } = await measureTwice(system, seconds * 1_000);
      field.say(`  CPU ms: a first request ${first.toFixed(2)}, the same again ${again.toFixed(3)}`);
      measurements.push({ round, system: 'once', load: 'first requests', figures: { cpuMs: first } });
      measurements.push({ round, system: 'once', load: 'replays', figures: { cpuMs: again } });
    }
    return measurements;
  },
};

const measureTwice = async (system, durationMs) => {
  const load = new Load(system);
  try {
    const read = () => readCosts(system);
    const result = await load.closed({ window: WINDOW, warmUpMs: 2_500, durationMs, onStart: read, onEnd: read });
    await refuseHarm(system, result);
    await load.repeat({ window: WINDOW, durationMs: 1_000 });
    const start = await read();
    const replayed = await load.repeat({ window: WINDOW, durationMs });
    const end = await read();
    await refuseHarm(system, { lost: 0, failed: load.failed });
    return {
      first: billOf(result.start, result.end, result.orders).cpuMsInAll,
      again: billOf(start, end, replayed).cpuMsInAll,
    };
  } finally {
    load.close();
  }
};
