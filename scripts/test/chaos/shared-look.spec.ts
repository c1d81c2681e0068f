import { describe, expect, it } from 'vitest';
import { sharedLook } from '../../chaos/targets/shared-look.mjs';

describe('a shared look', () => {
  it('is taken once by all who ask while it lasts, and once per subject', async () => {
    const taken: string[] = [];
    const look = sharedLook(async (subject: string) => {
      taken.push(subject);
      await Promise.resolve();
      return subject.toUpperCase();
    });

    expect(await Promise.all([look('a'), look('a'), look('b')])).toEqual(['A', 'A', 'B']);
    expect(await look('a')).toBe('A');
    expect(taken).toEqual(['a', 'b']);
  });
});
