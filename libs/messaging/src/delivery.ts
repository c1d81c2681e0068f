import type { Envelope } from './envelope.js';
import type { Verdict } from './verdict.js';

/** One arrival of a message, as bytes. */
export interface ReceivedDelivery {
  readonly body: Buffer;
  /** What the broker said about it, for those who look at a dead letter. Decides nothing. */
  readonly properties: Readonly<Record<string, unknown>>;
  readonly isRedelivered: boolean;
}

/** What becomes of it at the broker. `requeue`: it comes again, to whoever is free. */
export type Settlement = 'ack' | 'requeue';

/** What a handler is told besides the payload. */
export interface Delivery {
  readonly envelope: Envelope;
  /** True when an earlier attempt may have been made, here or elsewhere. */
  readonly isRedelivered: boolean;
  /** The first is 1. */
  readonly attempt: number;
}

export type DeliveryHandler = (delivery: Delivery) => Promise<Verdict>;

/**
 * Runs `handle` within something of the service's own, such as a span, and tells it the trace of this handling. It changes
 * neither result nor error.
 */
export type AroundHandler = <Result>(
  envelope: Envelope,
  handle: (traceparent: string | null) => Promise<Result>,
) => Promise<Result>;

export interface HandlerTable {
  find(type: string, version: number): DeliveryHandler | undefined;
}
