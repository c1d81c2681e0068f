import type { IdempotencyRecord } from './idempotency-record.js';

/** What an arriving request or command meets under its key. */
export type Encounter =
  | { readonly kind: 'new' }
  /** The same key with other business fields: refused whatever the state, and the state is told. */
  | { readonly kind: 'mismatched'; readonly isFinished: boolean }
  | { readonly kind: 'finished'; readonly outcome: unknown }
  | { readonly kind: 'in-progress' };

/** The order of checks is scope and key (the record was found by them), fingerprint, state. */
export function encounter(record: IdempotencyRecord | null, fingerprint: string): Encounter {
  if (record === null) return { kind: 'new' };
  const isFinished = record.outcome !== null;
  if (record.fingerprint !== fingerprint) return { kind: 'mismatched', isFinished };
  return isFinished ? { kind: 'finished', outcome: record.outcome } : { kind: 'in-progress' };
}
