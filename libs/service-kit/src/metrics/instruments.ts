import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

export interface MetricOptions<Label extends string> {
  /** Named after the noun it counts, with its unit last: `outbox_relay_published_total`, `saga_step_duration_seconds`. */
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly Label[];
}

/** From a millisecond to a minute: an order takes about ten milliseconds, and a provider may take its whole timeout. */
const DURATION_BUCKETS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** A batch or an envelope has up to BATCH_MAX members, which is 50 unless told otherwise and 1,000 at most. */
const SIZE_BUCKETS = [1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1_000];

/** Makes counters, gauges and histograms. One registry per process and none in module scope, so tests can have several. */
export class Instruments {
  readonly registry = new Registry();

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  counter<Label extends string = never>({ name, help, labels = [] }: MetricOptions<Label>): Counter<Label> {
    return new Counter({ name, help, labelNames: [...labels], registers: [this.registry] });
  }

  /** `collect` is asked at every scrape, so a gauge of a table needs no timer of its own. */
  gauge<Label extends string = never>({
    name,
    help,
    labels = [],
    collect,
  }: MetricOptions<Label> & { collect?: () => Promise<number> }): Gauge<Label> {
    const gauge: Gauge<Label> = new Gauge({
      name,
      help,
      labelNames: [...labels],
      registers: [this.registry],
      ...(collect === undefined ? {} : { collect: async () => gauge.set(await collect()) }),
    });
    return gauge;
  }

  durationHistogram<Label extends string = never>({ name, help, labels = [] }: MetricOptions<Label>): Histogram<Label> {
    return new Histogram({
      name,
      help,
      labelNames: [...labels],
      buckets: DURATION_BUCKETS_S,
      registers: [this.registry],
    });
  }

  /** How many went together. */
  sizeHistogram<Label extends string = never>({ name, help, labels = [] }: MetricOptions<Label>): Histogram<Label> {
    return new Histogram({
      name,
      help,
      labelNames: [...labels],
      buckets: SIZE_BUCKETS,
      registers: [this.registry],
    });
  }
}
