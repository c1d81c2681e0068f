/**
 * What a conversation on the wire consists of, as far as faults care. Seen from the client of the connection, which is
 * our service in all of these protocols.
 *
 * | protocol | event           | is                                                                                    |
 * |----------|-----------------|---------------------------------------------------------------------------------------|
 * | amqp     | `publish`       | basic.publish with its header and body                                                |
 * | amqp     | `confirm`       | basic.ack from the broker; one may confirm several messages                           |
 * | amqp     | `refusal`       | basic.nack from the broker                                                            |
 * | amqp     | `return`        | basic.return with its header and body                                                 |
 * | amqp     | `deliver`       | basic.deliver with its header and body                                                |
 * | amqp     | `ack`           | basic.ack from the client                                                             |
 * | amqp     | `reject`        | basic.reject or basic.nack from the client                                            |
 * | postgres | `commit`        | what makes the server commit a change: COMMIT, or the end of a statement in autocommit |
 * | postgres | `commit-answer` | the server's word that it has committed; absent when it refuses                       |
 * | http     | `request`       | a request with its body                                                               |
 * | http     | `response`      | its final response with its body                                                      |
 * | smtp     | `request`       | a command; or a mail, up to its dot                                                   |
 * | smtp     | `response`      | the reply to it, or to the connection                                                 |
 */
export const WIRE_EVENT_KINDS = [
  'publish',
  'confirm',
  'refusal',
  'return',
  'deliver',
  'ack',
  'reject',
  'commit',
  'commit-answer',
  'request',
  'response',
] as const;
export type WireEventKind = (typeof WIRE_EVENT_KINDS)[number];

export interface WireEvent {
  readonly kind: WireEventKind;
  /** For people and for rules: `once payment`, `insert into customer_order …`, `POST /orders 202`, `mail 250`. */
  readonly detail: string;
}

/**
 * A piece of a stream, to be passed on as it is. What stands before an event is passed before it `begins`; an event has
 * passed with the last byte of the piece in which it `ends`.
 */
export interface Segment {
  readonly bytes: Buffer;
  readonly begins?: WireEvent;
  readonly ends?: WireEvent;
}

/** Understands one connection. Each direction is read in the order of its bytes, in chunks of any size. */
export interface Conversation {
  fromClient(chunk: Buffer): readonly Segment[];
  fromServer(chunk: Buffer): readonly Segment[];
}

/** The bytes are not what the protocol allows, or it is encrypted. From here on the connection is passed on unread. */
export class NotUnderstoodError extends Error {
  override readonly name = 'NotUnderstoodError';
}
