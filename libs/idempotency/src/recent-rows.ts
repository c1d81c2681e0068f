/**
 * Rows as this process last saw them, committed or loaded, the latest `max` of them: what `AtomicWork.foresee` answers
 * from. Another replica may have changed a row since. Nothing is true because it is remembered here: a commit is
 * conditional on the row's version, and who acts outside on it must be harmless with an older row.
 */
export class RecentRows<Row> {
  private readonly seen = new Map<string, { readonly row: Row; readonly at: number }>();

  constructor(private readonly max: number) {}

  remember(name: string, row: Row): void {
    this.seen.delete(name); // so that it counts as the latest again
    this.seen.set(name, { row, at: performance.now() });
    if (this.seen.size <= this.max) return;
    const [oldest] = this.seen.keys();
    if (oldest !== undefined) this.seen.delete(oldest);
  }

  /** Undefined if it was not seen within so many milliseconds, or is forgotten. */
  recall(name: string, withinMs = Infinity): Row | undefined {
    const seen = this.seen.get(name);
    return seen === undefined || performance.now() - seen.at > withinMs ? undefined : seen.row;
  }
}
