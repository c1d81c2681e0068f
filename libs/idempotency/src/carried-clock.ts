/**
 * The database's clock, carried on by our own for some seconds after each reading. It never runs ahead: a reading is as old
 * as its answer was under way. So it may tell how old something is where a margin of a day covers the rest, as in the doors'
 * `too-old`; a lease, whose end is a matter of milliseconds, is not compared with it.
 */
export class CarriedClock {
  private reading: { readonly time: Date; readonly at: number } | null = null;

  /** `time` was just read from the database. */
  read(time: Date): void {
    this.reading = { time, at: performance.now() };
  }

  /** Undefined when the last reading is too long ago. */
  now(): Date | undefined {
    if (this.reading === null) return undefined;
    const sinceMs = performance.now() - this.reading.at;
    return sinceMs > CARRIED_MS_MAX ? undefined : new Date(this.reading.time.getTime() + sinceMs);
  }
}

/** Clocks that differ in their rate by a thousandth are broken; over this time even those differ by milliseconds. */
const CARRIED_MS_MAX = 5_000;
