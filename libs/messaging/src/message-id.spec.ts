import { describe, expect, it } from 'vitest';
import { mintMessageId } from './message-id.js';

describe('message id', () => {
  it('is a UUID of version 7 and carries the millisecond it was minted in', () => {
    const before = Date.now();
    const id = mintMessageId();
    expect(id).toMatch(/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
    const mintedAt = Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16);
    expect(mintedAt).toBeGreaterThanOrEqual(before);
    expect(mintedAt).toBeLessThanOrEqual(Date.now());
  });

  it('is never the same twice', () => {
    expect(new Set(Array.from({ length: 1_000 }, mintMessageId)).size).toBe(1_000);
  });
});
