import { describe, expect, it } from 'vitest';
import { backoffMs } from './retry-policy.js';

describe('backoff', () => {
  const waits = (random: () => number): number[] =>
    [1, 2, 3, 4, 5, 6].map((attempt) => backoffMs(attempt, { baseMs: 100, maxMs: 1_000, random }));

  it('doubles up to its bound; the lower half is certain', () => {
    expect(waits(() => 0)).toEqual([50, 100, 200, 400, 500, 500]);
  });

  it('is random in the upper half and never exceeds the bound', () => {
    expect(waits(() => 0.999_999)).toEqual([100, 200, 400, 800, 1_000, 1_000]);
  });

  it('stays within the bound after any number of attempts', () => {
    expect(backoffMs(100_000, { baseMs: 100, maxMs: 1_000, random: () => 0 })).toBe(500);
  });
});
