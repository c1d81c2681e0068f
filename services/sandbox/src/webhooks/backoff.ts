const FIRST_MS = 250;
const MAX_MS = 10_000;

/** Doubles with each failure; a fifth of it is random, so that what failed together does not come back together. */
export function backoffMs(failures: number): number {
  const ms = Math.min(FIRST_MS * 2 ** Math.max(0, failures - 1), MAX_MS);
  return Math.round(ms * (0.8 + 0.2 * Math.random()));
}
