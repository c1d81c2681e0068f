import type { CommittedMessage } from './outgoing-message.js';

/** A message claimed for publishing. `attempts` grows with each claim and is the fencing token of the claim. */
export interface ClaimedMessage extends CommittedMessage {
  readonly attempts: number;
}

export interface PostponedMessage {
  readonly id: string;
  readonly attempts: number;
  readonly reason: string;
  readonly afterMs: number;
}

/** How much waits to leave. */
export interface OutboxDepth {
  readonly rows: number;
  /** 0 when there are none. */
  readonly oldestAgeMs: number;
}

/** The outbox as the relay sees it: the messages that have not left yet. */
export interface OutboxStore {
  /** The oldest due messages, which no other relay gets before the lease ends. */
  claim(limit: number, leaseMs: number): Promise<readonly ClaimedMessage[]>;
  /** They have left. An observation, so it needs no token; repeating it changes nothing. */
  remove(ids: readonly string[]): Promise<void>;
  /** They have not; each waits for its own time. Takes effect only where the claim still holds. */
  postpone(messages: readonly PostponedMessage[]): Promise<void>;
}
