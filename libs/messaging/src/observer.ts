import type { ConnectionState } from './publisher.js';

/** What happened, for metrics. The service plugs its registry in; every method must be quick and must not throw. */
export interface MessagingObserver {
  /** Handed to the broker: right after commit, or by the sweep. */
  published(destination: string, by: 'commit' | 'sweep'): void;
  confirmed(destination: string): void;
  returned(destination: string): void;
  publishFailed(destination: string): void;
  /** Not taken into memory after commit (buffer full, broker away); the sweep will publish them. */
  leftToSweep(count: number): void;

  received(isRedelivered: boolean): void;
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
  received: () => {},
  handled: () => {},
  deadLettered: () => {},
  requeued: () => {},
  connectionChanged: () => {},
};
