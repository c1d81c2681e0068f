/**
 * The client's name for one intent, read from the `Idempotency-Key` header.
 *
 * The draft makes the field a Structured-Header string (draft-ietf-httpapi-idempotency-key-header-07 §2.1), so `"k"` is
 * its proper form; the bare form `k` is what most clients send and means the same key.
 */
export type ParsedIdempotencyKey =
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'missing' }
  | { readonly kind: 'malformed'; readonly detail: string };

/** 255 characters, as at Stripe: room for any UUID or composed name, and bounded in every index. */
export const KEY_LENGTH_MAX = 255;

/** Visible ASCII without the quote that delimits the string and without the comma, which joins repeated header lines. */
const KEY_CHARACTERS = /^[\x21\x23-\x2b\x2d-\x7e]+$/;

export function parseIdempotencyKey(header: string | readonly string[] | undefined): ParsedIdempotencyKey {
  if (header === undefined) return { kind: 'missing' };
  if (typeof header !== 'string') return { kind: 'malformed', detail: 'The header was sent more than once.' };

  const quoted = /^"(.*)"$/.exec(header.trim());
  const key = quoted?.[1] ?? header.trim();

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
