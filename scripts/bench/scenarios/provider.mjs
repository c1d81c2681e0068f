/** A payment provider as they are, 50 ms and now and then a second, beside one that answers at once. */
const SLOW = { latencyMs: 50, tailMs: 950, tailProbability: 0.01 };
const AT_ONCE = { latencyMs: 0, tailMs: 0, tailProbability: 0 };

const ROUNDS = 3;
/** Three calls of 50 ms per order: the first orders of a load must be through before it counts. */
const TIMES = { settleMs: 4_000 };

export const provider = {
  title: 'a slow provider',
  systems: ['once'],
  measure: async (field) => {
    const { outside } = field.systems.get('once');
    const measurements = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [title, latency] of [
        ['provider at once', AT_ONCE],
        ['provider of 50 ms', SLOW],
      ]) {
        await outside.setLatency(latency);
        measurements.push({ round, ...(await field.measure('once', { title, window: 256 }, TIMES)) });
      }
    }
    await outside.setLatency(AT_ONCE);
    return measurements;
  },
};
