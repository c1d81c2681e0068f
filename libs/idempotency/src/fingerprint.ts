import { createHash } from 'node:crypto';

/** Stored with every fingerprint, so that a change of the algorithm never reads as a changed request. */
const FINGERPRINT_VERSION = 'v1';

/**
 * The hash that tells whether a repeated key still means the same request.
 *
 * It covers the business fields that the caller passes, after validation: member order, white space and number spelling
 * of the original bytes do not count; the order of array elements does. Strings are compared as they are, without
 * Unicode normalisation: two spellings that look alike are two values.
 */
export function fingerprintOf(businessFields: unknown): string {
  const digest = createHash('sha256').update(canonicalJson(businessFields)).digest('hex');
  return `${FINGERPRINT_VERSION}:${digest}`;
}

/** JSON with members sorted by name at every depth, in the manner of RFC 8785; absent and `undefined` are the same. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(sorted(value));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(entries.map(([name, member]) => [name, sorted(member)]));
}
