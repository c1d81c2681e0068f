/**
 * Whether enough happened for a green run to mean something. A run in which every request was refused has no double charge
 * either.
 */

/** For two minutes with every fault; in proportion for another duration. */
const MINIMA_PER_TWO_MINUTES = {
  confirmed: 500,
  cancelled: 50,
  refunds: 10,
  replays: 500,
  'waits and conflicts': 10,
  unknowns: 50,
  redeliveries: 20,
  'duplicates suppressed': 50,
};
const FAULT_MINIMUM = 3;
const TWO_MINUTES_S = 120;

/** What only happens when something breaks is not asked of a run without such faults. */
const NEEDS_FAULTS = {
  unknowns: ['process', 'postgres', 'links', 'wire'],
  redeliveries: ['process', 'broker', 'broker-state', 'links', 'wire'],
  'duplicates suppressed': ['process', 'broker', 'broker-state', 'provider-answers', 'links', 'wire'],
};

/**
 * @param {{ durationS: number, counts: Record<string, number>, faults: { name: string, lane: string, struck: number }[],
 *           kills: Record<string, number> }} facts
 *   `struck`: how often it was felt, where that can be counted, and how often it was done otherwise; `kills`: by replica
 * @returns {{ what: string, minimum: number, count: number, isMet: boolean }[]}
 */
export const weigh = ({ durationS, counts, faults, kills }) => {
  const inProportion = (minimum) => Math.max(1, Math.floor((minimum * durationS) / TWO_MINUTES_S));
  const lanes = new Set(faults.map(({ lane }) => lane));
  const weighed = Object.entries(MINIMA_PER_TWO_MINUTES)
    .filter(([what]) => !NEEDS_FAULTS[what] || NEEDS_FAULTS[what].some((lane) => lanes.has(lane)))
    .map(([what, minimum]) => rowOf(what, inProportion(minimum), counts[what] ?? 0));
  // A third of a fault, and a replica that is killed half a time, cannot be asked for: short runs may do without some of them.
  const leastStrikes = Math.floor((FAULT_MINIMUM * durationS) / TWO_MINUTES_S);
  const struck =
    leastStrikes === 0 ? [] : faults.map(({ name, struck }) => rowOf(`fault ${name}`, leastStrikes, struck));
  const killed =
    faults.some(({ name }) => name === 'kill') && durationS >= TWO_MINUTES_S / 2
      ? Object.entries(kills).map(([label, count]) => rowOf(`kills of ${label}`, 1, count))
      : [];
  return [...weighed, ...struck, ...killed];
};

const rowOf = (what, minimum, count) => ({ what, minimum, count, isMet: count >= minimum });
