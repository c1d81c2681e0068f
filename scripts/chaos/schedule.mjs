/**
 * What breaks and when: a pure function of the seed, the duration and the faults that are wanted.
 *
 * Faults of one lane come one after the other, so that no process is killed while it is stopped and no broker is emptied
 * while it is down; lanes overlap, as misfortunes do. Each fault comes as often as it says it should in two minutes, and its
 * targets take turns. What does not fit into the duration is left out in rounds, so that no fault is left out for another.
 */
import { seededRandom } from './random.mjs';

/** The load has begun to flow before anything breaks. */
const CALM_START_MS = 3_000;
/** The last fault has ended before the load does: what it broke is asked about. */
const CALM_END_MS = 2_000;
/** At least this long between two faults of a lane, so that something works in between. */
const PAUSE_MS = 500;
/** The share of a run that every lane keeps free at its end, where it can: faults come later on a busy machine, and must come. */
const RESERVE = 0.1;

const TWO_MINUTES_MS = 120_000;

/**
 * @typedef {{ name: string, lane: string, lastsMs: number, takesMs?: number, perTwoMinutes: number, targets: string[] }} Fault
 *   `lastsMs`: how long it is in force; `takesMs`: how long it keeps its lane, with striking, healing and coming back, where
 *   that is longer
 * @typedef {{ number: number, atMs: number, lastsMs: number, takesMs: number, fault: string, target: string, lane: string }} Strike
 * @param {{ seed: number, durationMs: number, faults: Fault[], often?: number }} options
 *   `often`: so many times as often as each fault says
 * @returns {Strike[]} in the order of their times
 */
export const planStrikes = ({ seed, durationMs, faults: given, often = 1 }) => {
  const faults = given.map((fault) => ({ ...fault, perTwoMinutes: fault.perTwoMinutes * often }));
  const lanes = [...new Set(faults.map(({ lane }) => lane))];
  return lanes
    .flatMap((lane) => {
      const members = faults.filter((fault) => fault.lane === lane);
      return planLane(seededRandom(`${seed} ${lane}`), durationMs, members);
    })
    .sort((a, b) => a.atMs - b.atMs || a.lane.localeCompare(b.lane))
    .map((strike, index) => ({ number: index + 1, ...strike }));
};

const planLane = (random, durationMs, members) => {
  const availableMs = durationMs - CALM_START_MS - CALM_END_MS;
  const sequence = whatFits(inRounds(random, durationMs, members), availableMs);
  const usedMs = sequence.reduce((sum, fault) => sum + timeOf(fault) + PAUSE_MS, 0);
  const gaps = split(random, Math.max(0, availableMs - durationMs * RESERVE - usedMs), sequence.length + 1);
  const turns = new Map(members.map((fault) => [fault, random.shuffle(fault.targets)]));

  let atMs = CALM_START_MS;
  return sequence.map((fault, index) => {
    atMs += gaps[index];
    const targets = turns.get(fault);
    const target = targets.shift();
    targets.push(target);
    const strike = {
      atMs,
      lastsMs: fault.lastsMs,
      takesMs: timeOf(fault),
      fault: fault.name,
      target,
      lane: fault.lane,
    };
    atMs += timeOf(fault) + PAUSE_MS;
    return strike;
  });
};

const timeOf = ({ lastsMs, takesMs = lastsMs }) => takesMs;

/** Every fault that is still due once per round, in a new order each. */
const inRounds = (random, durationMs, members) => {
  const due = new Map(
    members.map((fault) => [fault, Math.max(1, Math.round((fault.perTwoMinutes * durationMs) / TWO_MINUTES_MS))]),
  );
  const sequence = [];
  while (due.size > 0) {
    for (const fault of random.shuffle([...due.keys()])) {
      sequence.push(fault);
      if (due.get(fault) === 1) due.delete(fault);
      else due.set(fault, due.get(fault) - 1);
    }
  }
  return sequence;
};

const whatFits = (sequence, availableMs) => {
  let endMs = 0;
  return sequence.filter((fault) => {
    const nextMs = endMs + timeOf(fault) + PAUSE_MS;
    if (nextMs > availableMs) return false;
    endMs = nextMs;
    return true;
  });
};

/** Cuts a length at random places into so many whole parts. */
const split = (random, length, parts) => {
  const cuts = Array.from({ length: parts - 1 }, () => random.integer(0, length)).sort((a, b) => a - b);
  return [...cuts, length].map((cut, index) => cut - (cuts[index - 1] ?? 0));
};
