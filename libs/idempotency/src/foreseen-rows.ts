import { CarriedClock } from './carried-clock.js';
import { RecentRows } from './recent-rows.js';

/**
 * What `AtomicWork.foresee` answers from when each member is about one versioned row: rows as this process last loaded or
 * committed them, and the database's clock. Both may be wrong, at the price of a statement that takes no effect.
 */
export class ForeseenRows<Row extends { readonly version: number }> {
  private readonly rows = new RecentRows<Row>(RECENT_MAX);
  private readonly clock = new CarriedClock();

  constructor(private readonly nameOf: (row: Row) => string) {}

  /** `isFirst`: nothing comes before it, so a row that nobody has seen is not there yet. Undefined: it has to be loaded. */
  foresee(name: string, isFirst = false): { readonly row: Row | null; readonly now: Date } | undefined {
    const now = this.clock.now();
    const row = this.rows.recall(name) ?? (isFirst ? null : undefined);
    return now === undefined || row === undefined ? undefined : { row, now };
  }

  /** The row as it was seen within so many milliseconds. */
  recall(name: string, withinMs: number): Row | undefined {
    return this.rows.recall(name, withinMs);
  }

  loaded(row: Row | null, now: Date): void {
    if (row !== null) this.rows.remember(this.nameOf(row), row);
    this.clock.read(now);
  }

  /** These rows were committed, those of them whose position applied, under the versions that follow. */
  committed(rows: readonly (Row | null)[], applied: ReadonlySet<number>): void {
    for (const [index, row] of rows.entries()) {
      if (row !== null && applied.has(index))
        this.rows.remember(this.nameOf(row), { ...row, version: row.version + 1 });
    }
  }
}

/** A few kilobytes each; at a hundred orders per second, those of the last half minute. */
const RECENT_MAX = 4_000;
