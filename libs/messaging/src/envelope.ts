import { messageOf } from './errors.js';
import type { CommittedMessage } from './outgoing-message.js';

/**
 * The body of a message on the wire, as JSON. Everything that decides is in here, nothing in broker properties: those
 * are for tools that look at queues.
 */
export interface Envelope {
  readonly id: string;
  readonly type: string;
  readonly version: number;
  /** When the sender's transaction wrote the message, by its database's clock. A door refuses actions that are too old. */
  readonly mintedAt: string;
  readonly sagaId: string | null;
  readonly causationId: string | null;
  readonly traceparent: string | null;
  readonly payload: unknown;
}

export type Decoded =
  | { readonly kind: 'envelope'; readonly envelope: Envelope }
  | { readonly kind: 'undecodable'; readonly reason: string };

/** 64 KiB of order data, fifty commands of it in one envelope, and room to spare; parsing it takes a few milliseconds. */
export const BODY_BYTES_MAX = 1_048_576;

/** No message of ours nests deeper than eight; recursion over 32 levels is safe in every parser and walker. */
export const NESTING_MAX = 32;

export function encodeEnvelope(message: CommittedMessage): Buffer {
  const envelope: Envelope = {
    id: message.id,
    type: message.type,
    version: message.version,
    mintedAt: message.committedAt.toISOString(),
    sagaId: message.sagaId,
    causationId: message.causationId,
    traceparent: message.traceparent,
    payload: message.payload ?? null,
  };
  return Buffer.from(JSON.stringify(envelope));
}

/**
 * Reads whatever bytes arrive. Never throws: bytes are hostile until proven otherwise, so size and nesting are checked
 * before anything is parsed. Fields that the envelope does not know are ignored, so senders may be newer than receivers.
 */
export function decodeEnvelope(body: Buffer): Decoded {
  if (body.length > BODY_BYTES_MAX)
    return undecodable(`the body has ${body.length} bytes, at most ${BODY_BYTES_MAX} are read`);
  if (isNestedDeeperThan(NESTING_MAX, body)) return undecodable(`the body nests deeper than ${NESTING_MAX} levels`);
  let parsed: unknown;
  try {
    parsed = JSON.parse(strictUtf8.decode(body));
  } catch (error) {
    return undecodable(`the body is not JSON: ${messageOf(error)}`);
  }
  if (hasPrototypeKey(parsed)) return undecodable('the body has a key named __proto__');
  return parseEnvelope(parsed);
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function undecodable(reason: string): Decoded {
  return { kind: 'undecodable', reason };
}

/** Counts brackets outside strings; on bytes, since every byte of interest is ASCII and no part of another character. */
function isNestedDeeperThan(limit: number, body: Buffer): boolean {
  let depth = 0;
  let isInString = false;
  for (let index = 0; index < body.length; index += 1) {
    const byte = body[index];
    if (isInString) {
      if (byte === BACKSLASH) index += 1;
      else if (byte === QUOTE) isInString = false;
    } else if (byte === QUOTE) {
      isInString = true;
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      depth += 1;
      if (depth > limit) return true;
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      depth -= 1;
    }
  }
  return false;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** After parsing, as the key may be written with escapes. Whoever merges such an object changes all objects. */
function hasPrototypeKey(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.hasOwn(value, '__proto__') || Object.values(value).some(hasPrototypeKey);
}

function parseEnvelope(parsed: unknown): Decoded {
  if (!isObject(parsed)) return undecodable('the body is not an object');
  const { id, type, version, mintedAt, payload } = parsed;
  if (typeof id !== 'string' || !UUID.test(id)) return undecodable('id is not a UUID');
  if (typeof type !== 'string' || !NAME.test(type)) return undecodable('type is not a name');
  if (typeof version !== 'number' || !Number.isInteger(version) || version < 1) {
    return undecodable('version is not a positive integer');
  }
  if (typeof mintedAt !== 'string' || !ISO_TIME.test(mintedAt) || Number.isNaN(Date.parse(mintedAt))) {
    return undecodable('mintedAt is not an ISO 8601 time');
  }
  if (payload === undefined) return undecodable('payload is missing');
  const sagaId = parsed['sagaId'] ?? null;
  const causationId = parsed['causationId'] ?? null;
  const traceparent = parsed['traceparent'] ?? null;
  if (!isShortTextOrNull(sagaId)) return undecodable('sagaId is not a short text');
  if (!isShortTextOrNull(causationId)) return undecodable('causationId is not a short text');
  if (!isShortTextOrNull(traceparent)) return undecodable('traceparent is not a short text');
  return { kind: 'envelope', envelope: { id, type, version, mintedAt, sagaId, causationId, traceparent, payload } };
}

const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/;
const NAME = /^[A-Za-z][\w.:-]{0,199}$/;
const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;
const SHORT_TEXT = /^[\x20-\x7e]{1,255}$/;

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isShortTextOrNull(value: unknown): value is string | null {
  return value === null || (typeof value === 'string' && SHORT_TEXT.test(value));
}
