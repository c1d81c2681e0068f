/** Base of the errors that this library throws. */
export abstract class IdempotencyError extends Error {
  abstract readonly code: string;
}

/** Another execution of the operation has not ended within the bounded wait. Ask again with the same key. */
export class OperationInProgressError extends IdempotencyError {
  readonly code = 'OPERATION_IN_PROGRESS';
  override readonly name = 'OperationInProgressError';

  constructor(readonly waitedMs: number) {
    super(`The operation was still in progress after ${waitedMs} ms; ask again with the same key.`);
  }
}

/** The store did not answer, so whether the operation was performed is unknown. Ask again with the same key. */
export class OutcomeUnknownError extends IdempotencyError {
  readonly code = 'OUTCOME_UNKNOWN';
  override readonly name = 'OutcomeUnknownError';

  constructor(cause: unknown) {
    super('The store cannot be reached; whether the operation was performed is unknown.', { cause });
  }
}
