import type { MessagingObserver } from './observer.js';
import type { OutboxDepth } from './outbox-store.js';

/**
 * Knows how full the outbox is, by samples: one look at the table per pass, whatever the load. Whoever takes on new work
 * asks `isFull` first, which costs nothing; between two samples the outbox may grow beyond its bound by what one interval
 * brings, and what was accepted is never thrown away.
 */
export class OutboxGauge {
  private depth: OutboxDepth = { rows: 0, oldestAgeMs: 0 };

  constructor(
    private readonly measure: (rowsMax: number) => Promise<OutboxDepth>,
    private readonly rowsMax: number,
    private readonly observer: MessagingObserver,
  ) {}

  /** True once as many messages wait as may. New work that would add to them is then refused. */
  isFull(): boolean {
    return this.depth.rows >= this.rowsMax;
  }

  /** As last sampled. Rows beyond the bound are not counted. */
  state(): OutboxState {
    return { ...this.depth, rowsMax: this.rowsMax, isFull: this.isFull() };
  }

  /** One sample. When it fails, the last one stands. */
  async runOnce(): Promise<OutboxState> {
    this.depth = await this.measure(this.rowsMax);
    this.observer.outboxSampled(this.depth.rows, this.depth.oldestAgeMs);
    return this.state();
  }
}

export interface OutboxState extends OutboxDepth {
  readonly rowsMax: number;
  readonly isFull: boolean;
}
