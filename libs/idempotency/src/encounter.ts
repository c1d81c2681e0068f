import { isOtherRequest } from './fingerprint.js';
import type { IdempotencyRecord, Outcome } from './idempotency-record.js';

/** What an arriving request or command meets under its key. */
export type Encounter =
  | { readonly kind: 'new' }
  /** The same key with other business fields: refused whatever the state, and the state is told. */
  | { readonly kind: 'mismatched'; readonly isFinished: boolean }
  | { readonly kind: 'finished'; readonly outcome: Outcome }
  | { readonly kind: 'in-progress' };

/** The order of checks is scope and key (the record was found by them), fingerprint, state. */
export function encounter(record: IdempotencyRecord | null, fingerprint: string): Encounter {
  if (record === null) return { kind: 'new' };
  const { outcome } = record;
  if (isOtherRequest(record.fingerprint, fingerprint)) return { kind: 'mismatched', isFinished: outcome !== null };
  return outcome === null ? { kind: 'in-progress' } : { kind: 'finished', outcome };
}
