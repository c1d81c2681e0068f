import { IdempotencyMetrics } from './idempotency-metrics.js';
import { Instruments } from './instruments.js';
import { messagingMetrics, type MessagingMetrics } from './messaging-metrics.js';

/** The numbers this process shows at /metrics. It exists before anything else does, so everything can count from its start. */
export class Metrics extends Instruments {
  private doors: IdempotencyMetrics | undefined;
  private observer: MessagingMetrics | undefined;

  /** Made on first use: a process without doors shows no zeros for them. */
  get idempotency(): IdempotencyMetrics {
    this.doors ??= new IdempotencyMetrics(this);
    return this.doors;
  }

  get messaging(): MessagingMetrics {
    this.observer ??= messagingMetrics(this);
    return this.observer;
  }
}
