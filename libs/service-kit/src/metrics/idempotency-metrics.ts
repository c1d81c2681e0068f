import type { Counter, Histogram } from 'prom-client';
import type { Instruments } from './instruments.js';

/** Where a repeat was recognised. A `reply` has no record of its own: its saga no longer waits for it. */
export type Door = 'request' | 'step' | 'event' | 'reply';

/** What idempotency did, as numbers: how often it saved somebody from a second effect, and how it batches. */
export class IdempotencyMetrics {
  private readonly duplicates: Counter<'door'>;
  private readonly mismatches: Counter<'door'>;
  private readonly unknown: Counter;
  private readonly rescued: Counter;
  private readonly batches: Histogram;

  constructor(metrics: Instruments) {
    this.duplicates = metrics.counter({
      name: 'once_idempotency_duplicates_total',
      help: 'Repeats that were recognised and had no second effect, by the door they came to',
      labels: ['door'],
    });
    this.mismatches = metrics.counter({
      name: 'once_idempotency_mismatches_total',
      help: 'Known operations and events that came again with other business fields, and were refused, by door',
      labels: ['door'],
    });
    this.unknown = metrics.counter({
      name: 'once_idempotency_unknown_outcomes_total',
      help: 'Attempts at work outside that ended without an outcome; each is taken up again',
    });
    this.rescued = metrics.counter({
      name: 'once_idempotency_rescued_total',
      help: 'Operations taken over because their holder had died or given up',
    });
    this.batches = metrics.sizeHistogram({
      name: 'once_idempotency_batch_size',
      help: 'Operations that were decided and committed together',
    });
  }

  duplicate(door: Door): void {
    this.duplicates.inc({ door });
  }

  /** For an alarm: nobody of ours says two things under one name. A customer who does is told so, and not counted. */
  mismatch(door: 'step' | 'event'): void {
    this.mismatches.inc({ door });
  }

  /** Wraps work with a call to the outside, to count the attempts that ended without an outcome. */
  watched<Work extends unknown[]>(perform: (...work: Work) => Promise<'finished' | 'unfinished'>): typeof perform {
    return async (...work) => {
      const end = await perform(...work);
      if (end === 'unfinished') this.unknown.inc();
      return end;
    };
  }

  /** Counts what a pass of a rescuer took over. */
  async rescuing<Report extends { readonly takenOver: number }>(pass: Promise<Report>): Promise<Report> {
    const report = await pass;
    this.rescued.inc(report.takenOver);
    return report;
  }

  batch(size: number): void {
    this.batches.observe(size);
  }
}
