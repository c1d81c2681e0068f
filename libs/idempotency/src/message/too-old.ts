/**
 * What is older than this may have been met, and its record may be gone: acting on it again could be a second time. The
 * margin is for clocks that differ and for what is on its way: a day of 35.
 */
export function isTooOld(ageMs: number, retentionMs: number): boolean {
  return ageMs > retentionMs * ACCEPTED_SHARE;
}

const ACCEPTED_SHARE = 34 / 35;
