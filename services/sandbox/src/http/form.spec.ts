import { describe, expect, it } from 'vitest';
import { parseForm } from './form.js';

describe('parseForm', () => {
  it('reads brackets as forms in forms', () => {
    expect(parseForm({ amount: '1200', 'metadata[order_id]': '7', 'a[b][c]': 'x' })).toEqual({
      amount: '1200',
      metadata: { order_id: '7' },
      a: { b: { c: 'x' } },
    });
  });

  it('reads numbered and empty brackets as lists', () => {
    expect(parseForm({ 'expand[0]': 'a', 'expand[1]': 'b' })).toEqual({ expand: ['a', 'b'] });
    expect(parseForm({ 'expand[]': ['a', 'b'] })).toEqual({ expand: ['a', 'b'] });
  });

  it.each([
    ['a name that is text and form at once', { a: '1', 'a[b]': '2' }],
    ['a name given twice', { a: ['1', '2'] }],
    ['unbalanced brackets', { 'a[b': '1' }],
    ['a form deeper than any of ours', { 'a[b][c][d][e][f]': '1' }],
    ['a way to the prototype', { 'a[__proto__][b]': '1' }],
  ])('refuses %s', (_what, flat) => {
    expect(parseForm(flat)).toBeUndefined();
  });
});
