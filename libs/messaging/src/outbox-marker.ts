import { messageOf } from './errors.js';
import type { Logger } from './logger.js';
import type { OutboxStore } from './outbox-store.js';

/**
 * Deletes the rows of messages that have left, lazily and together. Nobody waits for it, and losing a mark only sends a
 * message twice, so it lingers to put many into one statement.
 */
export class OutboxMarker {
  private marked: string[] = [];
  private timer: NodeJS.Timeout | undefined;
  private flushing: Promise<void> = Promise.resolve();

  constructor(
    private readonly store: OutboxStore,
    private readonly logger: Logger,
  ) {}

  mark(ids: readonly string[]): void {
    if (this.marked.length + ids.length > MARKS_MAX) return;
    this.marked.push(...ids);
    this.timer ??= setTimeout(() => this.flush(), LINGER_MS);
  }

  /** Writes what is marked, with one more try. What is still left is sent again by the next process: a duplicate. */
  async close(): Promise<void> {
    for (let attempt = 1; attempt <= 2; attempt += 1) {
      this.flush();
      await this.flushing;
    }
    clearTimeout(this.timer);
  }

  private flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const ids = this.marked;
    if (ids.length === 0) return;
    this.marked = [];
    this.flushing = this.flushing.then(() => this.remove(ids));
  }

  private async remove(ids: readonly string[]): Promise<void> {
    try {
      await this.store.remove(ids);
    } catch (error) {
      // Kept for the next try: each row that the sweep finds instead is a message sent twice.
      this.logger.warn({ count: ids.length, reason: messageOf(error) }, 'outbox marks not written');
      this.mark(ids);
    }
  }
}

/** Far below the first lease of a row (seconds), long enough that a busy second needs two statements, not hundreds. */
const LINGER_MS = 500;

/** While the database is away marks wait in memory up to this bound; beyond it they are dropped. */
const MARKS_MAX = 20_000;
