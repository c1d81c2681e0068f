import type { Publication } from './publication.js';

/** `blocked`: connected, but the broker takes no messages at present (memory or disk alarm). */
export type ConnectionState = 'up' | 'down' | 'blocked';

/**
 * - `confirmed`: the broker has stored it in a queue.
 * - `returned`: the broker has no queue for it; not sent.
 * - `failed`: refused, or no confirm in time. It may have arrived nevertheless; whoever publishes it again relies on the
 *   receiver's deduplication.
 */
export type PublishOutcome =
  | { readonly kind: 'confirmed' }
  | { readonly kind: 'returned'; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string };

export interface Publisher {
  state(): ConnectionState;
  /** Never rejects, and ends within a deadline of the publisher's own. */
  publish(publication: Publication): Promise<PublishOutcome>;
}
