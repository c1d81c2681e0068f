import { createHash } from 'node:crypto';

/** Stored with every fingerprint, so that a change of the algorithm never reads as a changed request. */
const FINGERPRINT_VERSION = 'v1';
const VERSION = /^v\d+:/;

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

/**
 * Whether a repeated key came with another request. What two versions of the algorithm made cannot be compared, and is
 * not refused: whoever is told of another request takes a new key, and would get done again what was done. A key from
 * before the change is answered with what is stored under it.
 */
export function isOtherRequest(stored: string, arriving: string): boolean {
  return stored !== arriving && VERSION.exec(stored)?.[0] === VERSION.exec(arriving)?.[0];
}

/**
 * JSON with members sorted by name at every depth, in the manner of RFC 8785. A member that is `undefined` is absent;
 * `undefined` itself, as of a request without a body, is null.
 *
 * @throws {TypeError} for what JSON has no spelling for. A Map, a NaN or a symbol would be written like some other
 * value, and two different requests would share a fingerprint.
 */
export function canonicalJson(value: unknown): string {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return JSON.stringify(value);
    case 'number':
      if (!Number.isFinite(value)) throw new TypeError(`JSON has no spelling for ${value}`);
      return JSON.stringify(value);
    case 'undefined':
      return 'null';
    case 'object':
      return value === null ? 'null' : canonicalObject(value);
    case 'bigint':
    case 'function':
    case 'symbol':
      throw new TypeError(`JSON has no spelling for a ${typeof value}`);
  }
}

function canonicalObject(value: object): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value instanceof Date) return canonicalJson(value.toISOString());
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw new TypeError('a fingerprint covers plain data only');

  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
}
