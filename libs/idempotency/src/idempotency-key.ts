/**
 * The client's name for one intent, read from the `Idempotency-Key` header.
 *
 * The draft makes the field a Structured-Header string (draft-ietf-httpapi-idempotency-key-header-07 §2.1), so `"k"` is
 * its proper form; the bare form `k` is what most clients send and means the same key. A backslash is a character like
 * any other in both forms: a key is compared, never unescaped.
 */
export type ParsedIdempotencyKey =
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'missing' }
  | { readonly kind: 'malformed'; readonly detail: string };

/** 255 characters, as at Stripe: room for any UUID or composed name, and bounded in every index. */
export const KEY_LENGTH_MAX = 255;

/** Visible ASCII without the quote that delimits the string and without the comma, which joins repeated header lines. */
const KEY_CHARACTERS = /^[\x21\x23-\x2b\x2d-\x7e]+$/;

/** What HTTP allows around a field's value (RFC 9110 §5.5). Any other white space is part of the key, and refused. */
const OPTIONAL_WHITE_SPACE = /^[ \t]+|[ \t]+$/g;

export function parseIdempotencyKey(header: string | readonly string[] | undefined): ParsedIdempotencyKey {
  if (header === undefined) return { kind: 'missing' };
  if (typeof header !== 'string') return { kind: 'malformed', detail: 'The header was sent more than once.' };

  const value = header.replaceAll(OPTIONAL_WHITE_SPACE, '');
  const isQuoted = value.length >= 2 && value.startsWith('"') && value.endsWith('"');
  const key = isQuoted ? value.slice(1, -1) : value;

  if (key.length === 0) return { kind: 'malformed', detail: 'The key is empty.' };
  if (key.length > KEY_LENGTH_MAX) {
    return { kind: 'malformed', detail: `The key is longer than ${KEY_LENGTH_MAX} characters.` };
  }
  if (!KEY_CHARACTERS.test(key)) {
    return {
      kind: 'malformed',
      detail: 'A key has 1 to 255 visible ASCII characters without comma and inner quote, sent in one header line.',
    };
  }
  return { kind: 'key', key };
}
