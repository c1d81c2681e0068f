import type { Outcome } from '../idempotency-record.js';

/**
 * The headers that describe an answer itself and are therefore repeated with it. Everything else belongs to one
 * transmission (Date) or to one caller (Set-Cookie) and is never stored.
 */
export const REPLAYED_HEADERS = ['content-type', 'etag', 'location'] as const;
export type ReplayedHeader = (typeof REPLAYED_HEADERS)[number];

/** An answer as it was sent first, and as every repeat gets it, byte for byte. */
export interface StoredResponse {
  readonly status: number;
  readonly headers: Readonly<Partial<Record<ReplayedHeader, string>>>;
  readonly body: string;
}

/** Every stored answer is written twice (table and WAL) and kept for its retention; a larger one belongs in a resource of its own. */
export const BODY_BYTES_MAX = 256 * 1024;

/** What is stored of an answer. The types say as much, but a cookie among the headers must not depend on a cast. */
export function keptResponse({ status, headers, body }: StoredResponse): StoredResponse {
  const kept = Object.entries(headers).filter(([name]) => REPLAYED_HEADERS.some((replayed) => replayed === name));
  return { status, headers: Object.fromEntries(kept), body };
}

/** Reads the outcome of a request's record. */
export function readStoredResponse(outcome: Outcome): StoredResponse {
  const response = outcome as Partial<Record<keyof StoredResponse, unknown>>;
  const { status, headers, body } = response;
  if (typeof status !== 'number' || typeof body !== 'string' || typeof headers !== 'object' || headers === null) {
    throw new TypeError('The outcome of the record is not a stored response.');
  }
  return { status, headers, body };
}
