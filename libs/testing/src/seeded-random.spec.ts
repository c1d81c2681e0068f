import { describe, expect, it } from 'vitest';
import { seededRandom } from './seeded-random.js';

const draw = (seed: number): number[] => {
  const random = seededRandom(seed);
  return Array.from({ length: 5 }, () => random.integer(1, 6));
};

describe('seededRandom', () => {
  it('decides the same for the same seed', () => {
    expect(draw(42)).toEqual(draw(42));
  });

  it('decides otherwise for another seed', () => {
    expect(draw(42)).not.toEqual(draw(43));
  });

  it('stays within both bounds and reaches them', () => {
    const random = seededRandom(1);
    const drawn = new Set(Array.from({ length: 1_000 }, () => random.integer(1, 6)));
    expect(drawn).toEqual(new Set([1, 2, 3, 4, 5, 6]));
  });

  it('keeps every item when it shuffles', () => {
    expect(seededRandom(7).shuffle(['a', 'b', 'c', 'd']).sort()).toEqual(['a', 'b', 'c', 'd']);
  });
});
