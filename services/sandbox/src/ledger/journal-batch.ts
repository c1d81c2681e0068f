import type { IntentRow, JournalEntry, StickyAnswerRow } from './journal-entry.js';

/** Entries that share one statement and one commit. */
export class JournalBatch {
  readonly committed: Promise<void>;
  private readonly entries: JournalEntry[] = [];
  private resolve: () => void = () => undefined;
  private reject: (error: Error) => void = () => undefined;

  constructor() {
    this.committed = new Promise<void>((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    // Whoever appended awaits it too; a batch nobody waits for any more must not end the process.
    this.committed.catch(() => undefined);
  }

  get size(): number {
    return this.entries.length;
  }

  add(entry: JournalEntry): void {
    this.entries.push(entry);
  }

  settle(): void {
    this.resolve();
  }

  fail(error: Error): void {
    this.reject(error);
  }

  /** The statement's parameters, in its order. */
  parameters(): string[] {
    return [
      this.rows('ledger'),
      this.rows('calls'),
      this.rows('landedCalls'),
      this.rows('deliveries'),
      this.rows('mails'),
      JSON.stringify(this.newestIntents()),
      this.rows('refunds'),
      this.rows('events'),
      this.rows('settledEvents'),
      JSON.stringify(this.newestAnswers()),
    ];
  }

  private rows(name: keyof JournalEntry): string {
    const rows: unknown[] = [];
    for (const entry of this.entries) {
      const some = entry[name];
      if (some !== undefined) rows.push(...some);
    }
    return rows.length === 0 ? '[]' : JSON.stringify(rows);
  }

  /** One statement may write a row only once, and what came later is the newer state. */
  private newestIntents(): IntentRow[] {
    const newest = new Map<string, IntentRow>();
    for (const entry of this.entries) for (const row of entry.intents ?? []) newest.set(row.id, row);
    return [...newest.values()];
  }

  private newestAnswers(): StickyAnswerRow[] {
    const newest = new Map<string, StickyAnswerRow>();
    for (const entry of this.entries) for (const row of entry.answers ?? []) newest.set(row.key, row);
    return [...newest.values()];
  }
}
