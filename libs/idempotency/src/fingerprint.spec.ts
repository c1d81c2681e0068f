import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, fingerprintOf } from './fingerprint.js';

/** The same value with the members of every object in another order. */
function shuffled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shuffled);
  if (value === null || typeof value !== 'object') return value;
  const members = Object.entries(value).map(([name, member]) => [name, shuffled(member)] as const);
  return Object.fromEntries(members.toReversed());
}

const anyJson = fc.jsonValue({ maxDepth: 3, stringUnit: 'binary' });

const order = { customer: { email: 'ada@example.org' }, items: [{ sku: 'mug', quantity: 2 }] };

describe('fingerprintOf', () => {
  it('is a versioned SHA-256, the same on every machine and in every release', () => {
    expect(fingerprintOf(order)).toBe('v1:65f794ec2e8da82f43732db968e575b62b2dcbffdea2ecfa4ac17e63384c4750');
  });

  it('does not depend on the order of members, at any depth', () => {
    const reordered = { items: [{ quantity: 2, sku: 'mug' }], customer: { email: 'ada@example.org' } };
    expect(fingerprintOf(reordered)).toBe(fingerprintOf(order));
  });

  it.each([
    ['1 and 1.0', '{"quantity":1}', '{"quantity":1.0}'],
    ['100 and 1e2', '{"quantity":100}', '{"quantity":1e2}'],
    ['0 and -0', '{"quantity":0}', '{"quantity":-0}'],
    ['a letter and its escape', '{"sku":"mug"}', String.raw`{"sku":"\u006dug"}`],
    ['white space', '{"sku":"mug"}', '{ "sku" :\n "mug" }'],
  ])('does not depend on the spelling of %s', (_case, left, right) => {
    expect(fingerprintOf(JSON.parse(left))).toBe(fingerprintOf(JSON.parse(right)));
  });

  it('takes a member that is undefined as absent, and undefined itself as no body', () => {
    expect(fingerprintOf({ sku: 'mug', note: undefined })).toBe(fingerprintOf({ sku: 'mug' }));
    expect(fingerprintOf(undefined)).toBe(fingerprintOf(null));
  });

  it.each([
    ['an element more', { items: ['a'] }, { items: ['a', 'a'] }],
    ['another order of elements', { items: ['a', 'b'] }, { items: ['b', 'a'] }],
    ['null instead of absent', { note: null }, {}],
    ['a number instead of its text', { quantity: 1 }, { quantity: '1' }],
    ['an empty object instead of an empty array', { items: {} }, { items: [] }],
    ['another case of a name', { sku: 'a' }, { SKU: 'a' }],
    ['another case of a value', { sku: 'a' }, { sku: 'A' }],
    ['a letter composed in another way', { name: '\u00e9' }, { name: 'e\u0301' }],
    ['a lone surrogate instead of another', { name: '\ud800' }, { name: '\ud801' }],
    ['a value that spills into the next member', { a: 'b","c":"d' }, { a: 'b', c: 'd' }],
    ['a value moved to the neighbour', { a: '1', b: '23' }, { a: '12', b: '3' }],
    ['a name that swallows its value', { 'a":"b': 'c' }, { a: 'b":"c' }],
    ['an element split in two', { items: ['a,b'] }, { items: ['a', 'b'] }],
    ['a level of nesting more', { items: [['a']] }, { items: ['a'] }],
    ['a member named like the prototype', JSON.parse('{"__proto__":{"a":1}}'), {}],
    ['another date', { at: new Date(1) }, { at: new Date(2) }],
  ])('tells %s', (_case, left, right) => {
    expect(fingerprintOf(left)).not.toBe(fingerprintOf(right));
  });

  it.each([
    ['NaN', Number.NaN],
    ['infinity', Number.POSITIVE_INFINITY],
    ['a bigint', 1n],
    ['a symbol', Symbol('a')],
    ['a function', () => 1],
    ['a map', new Map([['a', 1]])],
    ['an instance of a class', new (class Money {})()],
  ])('refuses %s rather than to write it like something else', (_case, value) => {
    expect(() => fingerprintOf({ value })).toThrow(TypeError);
  });

  it('does not depend on the order of members of any JSON', () => {
    fc.assert(
      fc.property(anyJson, (value) => {
        expect(fingerprintOf(shuffled(value))).toBe(fingerprintOf(value));
      }),
    );
  });

  it('is equal if and only if the values are equal', () => {
    const member = fc.oneof(
      fc.constantFrom('', 'a', 'b', ',', '"', ':', '{}', 'a":"b'),
      fc.integer({ min: -1, max: 1 }),
    );
    const small = fc.oneof(
      member,
      fc.array(member, { maxLength: 2 }),
      fc.dictionary(fc.constantFrom('a', 'b', '1'), member, { noNullPrototype: true }),
    );
    fc.assert(
      fc.property(small, small, (left, right) => {
        expect(fingerprintOf(left) === fingerprintOf(right)).toBe(isDeepStrictEqual(left, right));
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('canonicalJson', () => {
  it('sorts members by the code units of their names, numbers among them (RFC 8785 §3.2.3)', () => {
    const names = { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\ud83d\ude00': 5, '\u0080': 6, '\u00f6': 7, '10': 8 };
    expect(canonicalJson(names)).toBe(
      '{"\\r":2,"1":4,"10":8,"\u0080":6,"\u00f6":7,"\u20ac":1,"\ud83d\ude00":5,"\ufb33":3}',
    );
  });

  it('is JSON that reads back as the value', () => {
    fc.assert(
      fc.property(anyJson, (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});
