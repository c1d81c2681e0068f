import { setImmediate } from 'node:timers/promises';
import { JournalBatch } from './journal-batch.js';
import type { JournalEntry } from './journal-entry.js';

export interface JournalStore {
  /** Returns once the batch is on disk; rejects only when it never can be. */
  write(parameters: readonly string[]): Promise<void>;
}

export interface JournalOptions {
  /** Entries per statement. Larger batches gain nothing and make a single answer wait longer. Default 1,000. */
  readonly batchEntriesMax?: number;
  /** Entries waiting for a database that is away; beyond this the journal is full. Default 20,000. */
  readonly waitingEntriesMax?: number;
  /** Called once when a batch can never be written: memory is then ahead of the disk and must not be believed. */
  readonly onBroken: (error: Error) => void;
}

/**
 * Puts on disk what happens in the outside world, in the order in which it happened.
 *
 * An answer leaves only after the entry that caused it is committed, and entries are committed in order. So whatever
 * anybody has seen of this world is on disk, and a SIGKILL at any moment loses nothing that was answered.
 *
 * What arrives while a batch is being written shares the next one: the more load, the fewer commits per call.
 */
export class Journal {
  private readonly waiting: JournalBatch[] = [];
  private writer: Promise<void> | undefined;
  private broken: Error | undefined;

  constructor(
    private readonly store: JournalStore,
    private readonly options: JournalOptions,
  ) {}

  /** True when the database has been away for so long that nothing more can be remembered: refuse before anything happens. */
  get isFull(): boolean {
    const { batchEntriesMax = 1_000, waitingEntriesMax = 20_000 } = this.options;
    return this.broken !== undefined || this.waiting.length * batchEntriesMax >= waitingEntriesMax;
  }

  /** Takes its place in the order at once; resolves when it is on disk. */
  append(entry: JournalEntry): Promise<void> {
    if (this.broken) return Promise.reject(this.broken);
    const batch = this.openBatch();
    batch.add(entry);
    this.writer ??= this.writeWaiting();
    return batch.committed;
  }

  /** Resolves when everything appended so far is on disk. */
  async flush(): Promise<void> {
    await this.writer;
  }

  private openBatch(): JournalBatch {
    const last = this.waiting.at(-1);
    if (last !== undefined && last.size < (this.options.batchEntriesMax ?? 1_000)) return last;
    const next = new JournalBatch();
    this.waiting.push(next);
    return next;
  }

  private async writeWaiting(): Promise<void> {
    // Calls that arrived in the same turn of the event loop share the first batch.
    await setImmediate();
    for (let batch = this.waiting.shift(); batch !== undefined; batch = this.waiting.shift()) {
      try {
        await this.store.write(batch.parameters());
      } catch (error) {
        this.breakDown(error instanceof Error ? error : new Error(String(error)), batch);
        return;
      }
      batch.settle();
    }
    this.writer = undefined;
  }

  private breakDown(error: Error, batch: JournalBatch): void {
    this.broken = error;
    for (const lost of [batch, ...this.waiting.splice(0)]) lost.fail(error);
    this.options.onBroken(error);
  }
}
