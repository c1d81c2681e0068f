import type { ConnectionState } from './publisher.js';

/** What happened, for metrics. The service plugs its registry in; every method must be quick and must not throw. */
export interface MessagingObserver {
  /** So many messages were handed to the broker together: right after commit, or by the sweep. */
  published(destination: string, by: 'commit' | 'sweep', messages: number): void;
  confirmed(destination: string, messages: number): void;
  returned(destination: string, messages: number): void;
  publishFailed(destination: string, messages: number): void;
  /** Not taken into memory after commit (buffer full, broker away); the sweep will publish them. */
  leftToSweep(count: number): void;
  /** How much waits to leave, as last sampled. */
  outboxSampled(rows: number, oldestAgeMs: number): void;

  /** One arrival with so many messages in it. */
  received(isRedelivered: boolean, messages: number): void;
  /** A handler ended; `retry` includes whatever it threw. */
  handled(type: string, verdict: 'done' | 'retry' | 'refuse', durationMs: number): void;
  deadLettered(reason: DeadLetterReason): void;
  /** Given back to the broker, since the database could not be written. */
  requeued(): void;

  connectionChanged(role: string, state: ConnectionState): void;
}

export type DeadLetterReason =
  'undecodable' | 'unknown_type' | 'refused' | 'attempts_exhausted' | 'dead_lettered_by_broker';

export const silentObserver: MessagingObserver = {
  published: () => {},
  confirmed: () => {},
  returned: () => {},
  publishFailed: () => {},
  leftToSweep: () => {},
  outboxSampled: () => {},
  received: () => {},
  handled: () => {},
  deadLettered: () => {},
  requeued: () => {},
  connectionChanged: () => {},
};
