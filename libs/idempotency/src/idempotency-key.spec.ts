import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseIdempotencyKey } from './idempotency-key.js';

const key = (value: string) => ({ kind: 'key', key: value });

/** Every character that a key may have: 0x21 to 0x7E without quote and comma. */
const LEGAL = Array.from({ length: 0x7e - 0x21 + 1 }, (_, offset) => String.fromCodePoint(0x21 + offset)).filter(
  (character) => character !== '"' && character !== ',',
);

/** Anything that Node can put into a header: one character per byte. */
const bytes = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((byte) => String.fromCodePoint(byte)) });
const legalKey = fc.string({ unit: fc.constantFrom(...LEGAL), minLength: 1, maxLength: 255 });

describe('parseIdempotencyKey', () => {
  it('reads the quoted form, which the draft demands (draft-07 §2.1)', () => {
    expect(parseIdempotencyKey('"8e03978e-40d5-43dd-bc93-6894a57f9324"')).toEqual(
      key('8e03978e-40d5-43dd-bc93-6894a57f9324'),
    );
  });

  it('reads the bare form as the same key', () => {
    expect(parseIdempotencyKey('8e03978e')).toEqual(parseIdempotencyKey('"8e03978e"'));
  });

  it('accepts every visible ASCII character but comma and quote, in both forms', () => {
    const all = LEGAL.join('');
    expect(all).toHaveLength(92);
    expect(parseIdempotencyKey(all)).toEqual(key(all));
    expect(parseIdempotencyKey(`"${all}"`)).toEqual(key(all));
  });

  it.each([1, 2, 254, 255])('accepts %i characters', (length) => {
    expect(parseIdempotencyKey('k'.repeat(length))).toEqual(key('k'.repeat(length)));
    expect(parseIdempotencyKey(`"${'k'.repeat(length)}"`)).toEqual(key('k'.repeat(length)));
  });

  it.each(['k'.repeat(256), `"${'k'.repeat(256)}"`])('refuses 256 characters', (header) => {
    expect(parseIdempotencyKey(header)).toEqual({
      kind: 'malformed',
      detail: 'The key is longer than 255 characters.',
    });
  });

  it('ignores the blanks and tabs that HTTP allows around a value', () => {
    expect(parseIdempotencyKey(' \t"k"\t ')).toEqual(key('k'));
    expect(parseIdempotencyKey(' k ')).toEqual(key('k'));
  });

  it('says that the key is missing only when there is no header', () => {
    expect(parseIdempotencyKey(undefined)).toEqual({ kind: 'missing' });
    expect(parseIdempotencyKey('').kind).toBe('malformed');
  });

  it('takes a backslash as a character like any other', () => {
    expect(parseIdempotencyKey(String.raw`"a\b"`)).toEqual(key(String.raw`a\b`));
  });

  it.each([
    ['blanks only', ' \t '],
    ['an empty string', '""'],
    ['one quote', '"'],
    ['an unterminated quote', '"k'],
    ['a quote that was never opened', 'k"'],
    ['an inner quote', '"a"b"'],
    ['an escaped quote', String.raw`"a\"b"`],
    ['a bare list', 'a,b'],
    ['a quoted list', '"a", "b"'],
    ['two header lines, the second one empty', 'a, '],
    ['a comma within quotes', '"a,b"'],
    ['a parameter', '"a";expires=1'],
    ['an inner blank', 'a b'],
    ['a blank within quotes', '" a"'],
    ['an inner tab', 'a\tb'],
    ['a control character', 'a\u0000b'],
    ['a delete character', 'a\u007fb'],
    ['a line break', 'a\r\nb'],
    ['a no-break space, which is not white space to HTTP', '\u00a0k'],
    ['a letter beyond ASCII', 'clé'],
    ['bytes of UTF-8', Buffer.from('ключ').toString('latin1')],
  ])('refuses %s', (_case, header) => {
    expect(parseIdempotencyKey(header)).toMatchObject({ kind: 'malformed' });
  });

  it.each([[['a', 'b']], [['a']], [[]]])('refuses the repeated header %j', (headers) => {
    expect(parseIdempotencyKey(headers)).toEqual({ kind: 'malformed', detail: 'The header was sent more than once.' });
  });

  it('is total on arbitrary bytes, and lets no illegal key through', () => {
    fc.assert(
      fc.property(bytes, (header) => {
        const parsed = parseIdempotencyKey(header);
        const isLegal = parsed.kind === 'key' && /^[!#-+\--~]{1,255}$/.test(parsed.key);
        expect(isLegal || parsed.kind === 'malformed').toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  it('gives every legal key back unchanged, quoted or bare', () => {
    fc.assert(
      fc.property(legalKey, (legal) => {
        expect(parseIdempotencyKey(legal)).toEqual(key(legal));
        expect(parseIdempotencyKey(`"${legal}"`)).toEqual(key(legal));
      }),
    );
  });

  it('refuses any two legal keys that were joined as a list', () => {
    fc.assert(
      fc.property(legalKey, legalKey, fc.constantFrom(',', ', ', ' ,'), (left, right, separator) => {
        expect(parseIdempotencyKey(left + separator + right).kind).toBe('malformed');
        expect(parseIdempotencyKey(`"${left}"${separator}"${right}"`).kind).toBe('malformed');
      }),
    );
  });
});
