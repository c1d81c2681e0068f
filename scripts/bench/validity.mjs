/** Whether a run compares with a peer at its best: one that needs more CPU than this is held up, and beating it proves nothing. */
import { figureOf } from './results.mjs';

export const DBOS_CPU_MS_MAX = 18;

/** The sentence that says why the run is INVALID, or null. */
export const findInvalidity = (results) => {
  const cpuMs = figureOf(results, 'cpuMs', ['peer', 'dbos', '64 in flight'])?.value ?? 0;
  if (cpuMs <= DBOS_CPU_MS_MAX) return null;
  return (
    `INVALID: DBOS took ${cpuMs.toFixed(1)} CPU ms per order at 64 in flight, more than ${DBOS_CPU_MS_MAX}. ` +
    'The machine is too busy to compare anything on it; end what else runs and repeat.'
  );
};
