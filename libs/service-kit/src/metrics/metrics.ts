import { Injectable } from '@nestjs/common';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

export interface MetricOptions<Label extends string> {
  /** Named after the noun it counts, with its unit last: `outbox_relay_published_total`, `saga_step_duration_seconds`. */
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly Label[];
}

/** From a millisecond to a minute: an order takes about ten milliseconds, and a provider may take its whole timeout. */
const DURATION_BUCKETS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** The numbers this process shows at /metrics. One registry per process and none in module scope, so tests can have several. */
@Injectable()
export class Metrics {
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
}
