/**
 * Strikes as the schedule says, heals, and keeps the record: when each fault was due, when it struck, when it was undone and
 * when the system had recovered from it.
 *
 * A lane waits for the recovery from its last fault before it strikes again, within bounds: on a slow machine faults come later
 * than planned, in the same order. What is not struck when the load ends is on record as missed.
 */
import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { pollUntil } from '../lib/wait.mjs';

/** What wants to kill finds nothing while another fault has it down: it comes back in seconds. */
const TRY_AGAIN_MS = 400;
const TRY_WITHIN_MS = 60_000;

/**
 * How long a lane waits for a recovery, as long as it is not late itself: then it does not get later for it. The recovery is
 * awaited, and on record, until the run has healed.
 */
const LANE_WAITS_MS = 5_000;
const LANE_WAITS_MIN_MS = 1_000;
const RECOVERS_WITHIN_MS = 120_000;
const LOOK_EVERY_MS = 500;

export class Conductor {
  /** @type {{ number: number, fault: string, target: string, lane: string, atMs: number, struckMs?: number, healedMs?: number, recoveredMs?: number, error?: string }[]} */
  records = [];
  #faults;
  #startedAt;
  #report;
  #heals = new Set();
  #recoveries = [];

  constructor(faults, { startedAt, report }) {
    this.#faults = new Map(faults.map((fault) => [fault.name, fault]));
    this.#startedAt = startedAt;
    this.#report = report;
  }

  /** Resolves when the last strike has ended, or `signal` ends it. Whatever was broken may then still have to be healed. */
  async perform(strikes, signal) {
    setMaxListeners(0, signal); // every lane sleeps on it
    const lanes = [...new Set(strikes.map(({ lane }) => lane))];
    await Promise.all(
      lanes.map((lane) =>
        this.#performLane(
          strikes.filter((strike) => strike.lane === lane),
          signal,
        ),
      ),
    );
  }

  /** Undoes whatever is still broken, and waits until the system has recovered from everything. */
  async heal() {
    for (const heal of this.#heals) await heal();
    await Promise.all(this.#recoveries);
  }

  async #performLane(strikes, signal) {
    for (const strike of strikes) {
      await sleep(strike.atMs - this.#now(), signal);
      const record = { ...strike };
      this.records.push(record);
      if (signal.aborted) continue;
      const { recovery = Promise.resolve() } = await this.#perform(this.#faults.get(strike.fault), record, signal);
      const lateMs = this.#now() - record.atMs - record.takesMs;
      await Promise.race([recovery, sleep(Math.max(LANE_WAITS_MIN_MS, LANE_WAITS_MS - Math.max(0, lateMs)), signal)]);
    }
  }

  /** Resolves when the fault is undone, with a promise of the recovery in a box, so that nobody waits for that unasked. */
  async #perform(fault, record, signal) {
    const undo = await this.#strike(fault, record, signal);
    if (record.struckMs === undefined) return {};
    this.#report(fault.says(record.target));
    let recovery;
    const heal = this.#onlyOnce(async () => {
      await undo?.();
      record.healedMs = this.#now();
      recovery = this.#recover(fault, record);
      this.#recoveries.push(recovery);
    });
    if (undo) await sleep(record.struckMs + record.lastsMs - this.#now(), signal);
    await heal().catch((error) => (record.error = error.message));
    return { recovery };
  }

  async #strike(fault, record, signal) {
    const deadline = this.#now() + TRY_WITHIN_MS;
    while (!signal.aborted && this.#now() < deadline) {
      try {
        const undo = await fault.strike(record.target);
        record.struckMs = this.#now();
        delete record.error;
        return undo;
      } catch (error) {
        record.error = error.message.split('\n', 1)[0];
      }
      await sleep(TRY_AGAIN_MS, signal);
    }
    return undefined;
  }

  #onlyOnce(act) {
    let done;
    const heal = () => {
      this.#heals.delete(heal);
      return (done ??= act());
    };
    this.#heals.add(heal);
    return heal;
  }

  async #recover(fault, record) {
    if (!fault.isOver) return;
    await pause(TRY_AGAIN_MS); // what was killed may still look alive at first
    const isOver = await pollUntil(() => fault.isOver(record.target), {
      withinMs: RECOVERS_WITHIN_MS,
      everyMs: LOOK_EVERY_MS,
    });
    if (isOver) record.recoveredMs = this.#now();
  }

  #now() {
    return Math.round(performance.now() - this.#startedAt);
  }
}

/** Ends early, and quietly, when there is no time left. */
const sleep = (ms, signal) => pause(Math.max(0, ms), undefined, { signal }).catch(() => {});
