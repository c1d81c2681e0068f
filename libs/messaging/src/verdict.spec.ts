import { describe, expect, it } from 'vitest';
import { done, isVerdict, refuse, retry } from './verdict.js';

describe('verdict', () => {
  it.each([done, retry('later'), refuse('never')])('recognises %j', (verdict) => {
    expect(isVerdict(verdict)).toBe(true);
  });

  it.each([undefined, null, 'done', {}, { kind: 'ok' }, { kind: 'retry' }, { kind: 'refuse', reason: 7 }])(
    'does not take %j for one',
    (value) => {
      expect(isVerdict(value)).toBe(false);
    },
  );
});
