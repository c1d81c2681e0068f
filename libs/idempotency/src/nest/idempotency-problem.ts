import { HttpException } from '@nestjs/common';

/** What a refusal says about the operation behind the key. */
export interface OperationState {
  readonly operationState: 'none' | 'in_progress' | 'completed' | 'purged' | 'unknown';
  /** Whether trying again with a new key cannot act twice. */
  readonly safeNewKey: boolean;
}

/** A refusal at the request door, as a problem document (RFC 9457) that any exception filter may send as it is. */
export class IdempotencyProblem extends HttpException {
  constructor(
    type: { readonly slug: string; readonly status: number; readonly title: string },
    detail: string,
    operation: OperationState,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    const { slug, status, title } = type;
    super({ type: `/problems/${slug}`, title, status, detail, ...operation }, status);
    this.message = detail;
  }
}

const NOTHING_HAPPENED: OperationState = { operationState: 'none', safeNewKey: true };

export function keyMissing(): IdempotencyProblem {
  return new IdempotencyProblem(
    { slug: 'key-missing', status: 400, title: 'Idempotency key missing' },
    'Send an Idempotency-Key header: one key per intent, the same on every retry.',
    NOTHING_HAPPENED,
  );
}

export function keyMalformed(detail: string): IdempotencyProblem {
  return new IdempotencyProblem(
    { slug: 'key-malformed', status: 400, title: 'Idempotency key malformed' },
    detail,
    NOTHING_HAPPENED,
  );
}

export function keyReused(isFinished: boolean): IdempotencyProblem {
  return new IdempotencyProblem(
    { slug: 'key-reused', status: 422, title: 'Idempotency key reused' },
    'This key was first sent with another request. That operation stands; this request did nothing.',
    { operationState: isFinished ? 'completed' : 'in_progress', safeNewKey: true },
  );
}

export function keyPurged(location: string | null): IdempotencyProblem {
  const where = location === null ? '' : ' Read the result at Location.';
  return new IdempotencyProblem(
    { slug: 'key-purged', status: 410, title: 'Idempotency key purged' },
    `This key was used and its stored answer is past its retention.${where}`,
    { operationState: 'purged', safeNewKey: false },
    location === null ? {} : { Location: location },
  );
}

export function operationInProgress(): IdempotencyProblem {
  return new IdempotencyProblem(
    { slug: 'operation-in-progress', status: 409, title: 'Operation in progress' },
    'An earlier request with this key is still being worked on. Send the same request with the same key again.',
    { operationState: 'in_progress', safeNewKey: false },
    { 'Retry-After': RETRY_AFTER_S },
  );
}

export function outcomeUnknown(): IdempotencyProblem {
  return new IdempotencyProblem(
    { slug: 'unavailable', status: 503, title: 'Unavailable' },
    'The store cannot be reached, so whether the operation was done is unknown. Send the same request with the same key.',
    { operationState: 'unknown', safeNewKey: false },
    { 'Retry-After': RETRY_AFTER_S },
  );
}

/** Seconds. A twin commits within milliseconds and a database restarts within about a second. */
const RETRY_AFTER_S = '1';
