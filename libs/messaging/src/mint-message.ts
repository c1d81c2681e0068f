import { mintMessageId } from './message-id.js';
import type { OutgoingMessage } from './outgoing-message.js';

/** The constant part of a kind of message. */
export interface MessageKind {
  readonly type: string;
  readonly destination: string;
  readonly version: number;
}

export interface MessageOrigin {
  readonly sagaId: string | null;
  readonly causationId: string | null;
  /** W3C trace context of the work that sends it. Standard: none. */
  readonly traceparent?: string | null;
}

/** A message under a new id. Ids are minted, never derived: sent again, the same payload is another message. */
export function mintMessage(kind: MessageKind, payload: unknown, origin: MessageOrigin): OutgoingMessage {
  return {
    id: mintMessageId(),
    destination: kind.destination,
    type: kind.type,
    version: kind.version,
    traceparent: null,
    ...origin,
    payload,
  };
}
