import type { EventRow } from '../ledger/journal-entry.js';

/** Takes events that are on disk and have to be told to somebody. */
export interface EventFeed {
  offer(events: readonly EventRow[]): void;
}
