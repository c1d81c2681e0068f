import { describe, expect, it } from 'vitest';
import { toJson, toText } from './sql-text.js';

describe('text of strangers', () => {
  it('loses its NULs, which Postgres refuses', () => {
    expect(toText('a\0b')).toBe('a\uFFFDb');
  });

  it('is cut at a bound', () => {
    expect(toText('x'.repeat(20_000))).toHaveLength(16_384);
  });

  it('may be absent', () => {
    expect(toText(null)).toBeNull();
  });
});

describe('properties of strangers', () => {
  it('may hold what JSON cannot', () => {
    expect(toJson({ count: 2n ** 63n, nothing: undefined })).toBe('{"count":"9223372036854775808"}');
    expect(toJson(undefined)).toBe('null');
  });

  it('are left out when they are too large, as half of a JSON text is none', () => {
    expect(toJson({ header: 'x'.repeat(20_000) })).toBe('{"omitted":"20013 characters"}');
  });
});
