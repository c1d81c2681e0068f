/** Orders per second while a process is killed every five seconds, beside a time of peace of the same length. */
import { setTimeout as sleep } from 'node:timers/promises';
import { LaunchError } from '../../lib/errors.mjs';

const EVERY_MS = 5_000;
const SECONDS = 30;
const LOAD = { window: 128, isPersistent: true };
const ROUNDS = 2;

export const chaos = {
  title: 'a process killed every five seconds',
  systems: ['mortal'],
  measure: async (field) => {
    const system = field.systems.get('mortal');
    const measurements = [];
    const times = { seconds: SECONDS };
    for (let round = 0; round < ROUNDS; round += 1) {
      measurements.push({ round, ...(await field.measure('mortal', { title: 'peace', ...LOAD }, times)) });
      const stopKilling = killInTurn(system);
      try {
        measurements.push({ round, ...(await field.measure('mortal', { title: 'chaos', ...LOAD }, times)) });
      } finally {
        field.say(`  ${await stopKilling()} processes were killed`);
      }
    }
    return measurements.map(withoutBill);
  },
};

/** Kills the services one after the other until told to stop; then all of them run, and it resolves with how often it did. */
const killInTurn = (system) => {
  const stop = new AbortController();
  const killing = (async () => {
    let kills = 0;
    for (; await passed(EVERY_MS, stop.signal); kills += 1)
      await system.restart(system.services[kills % system.services.length]);
    if (kills === 0) throw new LaunchError('nothing was killed, so nothing was shown');
    return kills;
  })();
  killing.catch(() => undefined); // told when it is stopped
  return () => {
    stop.abort();
    return killing;
  };
};

const passed = (ms, signal) =>
  sleep(ms, true, { signal }).catch(() => {
    return false;
  });

/** The dead took their accounts with them. */
const withoutBill = ({ round, system, load, orders, seconds, figures }) => ({
  round,
  system,
  load,
  orders,
  seconds,
  figures: { ordersPerSecond: figures.ordersPerSecond, p50: figures.p50, p95: figures.p95, p99: figures.p99 },
});
