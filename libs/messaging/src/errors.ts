/** Base of the errors that this library throws. */
export abstract class MessagingError extends Error {
  abstract readonly code: string;
}

/** A handler, pipe or guard may throw it: the message can never succeed, so it becomes a dead letter at once. */
export class TerminalDeliveryError extends MessagingError {
  readonly code: string = 'TERMINAL_DELIVERY';
  override readonly name: string = 'TerminalDeliveryError';
}

/** The payload does not have the shape that its handler declares. */
export class InvalidPayloadError extends TerminalDeliveryError {
  override readonly code = 'INVALID_PAYLOAD';
  override readonly name = 'InvalidPayloadError';

  constructor(readonly issues: readonly string[]) {
    super(`The payload is not valid: ${issues.join('; ')}`);
  }
}

/** Two handlers claim one type; which verdict would count? */
export class DuplicateHandlerError extends MessagingError {
  readonly code = 'DUPLICATE_HANDLER';
  override readonly name = 'DuplicateHandlerError';

  constructor(readonly type: string) {
    super(`More than one handler is registered for messages of type and version ${type}.`);
  }
}

/** The connection was closed on purpose; nothing opens it again. */
export class ConnectionClosedError extends MessagingError {
  readonly code = 'CONNECTION_CLOSED';
  override readonly name = 'ConnectionClosedError';

  constructor() {
    super('The connection to the broker has been closed.');
  }
}

/** The broker did not do in time what it was asked; the connection is given up, as it may be half open. */
export class BrokerSilentError extends MessagingError {
  readonly code = 'BROKER_SILENT';
  override readonly name = 'BrokerSilentError';

  constructor(
    readonly request: string,
    readonly waitedMs: number,
  ) {
    super(`The broker did not answer within ${waitedMs} ms: ${request}.`);
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
