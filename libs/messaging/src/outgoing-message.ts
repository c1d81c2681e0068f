/** A message as the outbox takes it, in the transaction that causes it. */
export interface OutgoingMessage {
  /** UUIDv7, minted by the sender; it names this message and decides nothing. */
  readonly id: string;
  /** Name of the receiving service, which is the routing key: `payment` reaches the queue `once.payment`. */
  readonly destination: string;
  readonly type: string;
  readonly version: number;
  readonly sagaId: string | null;
  /** What led to this message: the id of a message, a request, an event. */
  readonly causationId: string | null;
  /** W3C trace context of the work that sends it. */
  readonly traceparent: string | null;
  readonly payload: unknown;
}

/** A message whose transaction has committed, so it may leave. */
export interface CommittedMessage extends OutgoingMessage {
  /** By the sender's database clock: the row's `created_at`. */
  readonly committedAt: Date;
}
