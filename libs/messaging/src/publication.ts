import { encodeEnvelope } from './envelope.js';
import type { CommittedMessage } from './outgoing-message.js';

/** What is handed to the broker in one go, and confirmed or returned as one. */
export interface Publication {
  readonly messageId: string;
  readonly destination: string;
  readonly type: string;
  readonly traceparent: string | null;
  readonly body: Buffer;
  /** The outbox rows that have left when this publication is confirmed. */
  readonly messageIds: readonly string[];
}

/** Each message travels alone. This is the one place to change when the messages of a batch share an envelope. */
export function toPublications(batch: readonly CommittedMessage[]): readonly Publication[] {
  return batch.map((message) => ({
    messageId: message.id,
    destination: message.destination,
    type: message.type,
    traceparent: message.traceparent,
    body: encodeEnvelope(message),
    messageIds: [message.id],
  }));
}
