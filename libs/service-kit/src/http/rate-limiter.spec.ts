import { describe, expect, it } from 'vitest';
import { RateLimiter } from './rate-limiter.js';

describe('a rate limiter', () => {
  it('lets a second of requests through at once and then keeps the rate', () => {
    let nowMs = 0;
    const limiter = new RateLimiter(2, () => nowMs);

    expect([limiter.take('demo'), limiter.take('demo'), limiter.take('demo')]).toEqual([true, true, false]);
    nowMs = 500;
    expect([limiter.take('demo'), limiter.take('demo')]).toEqual([true, false]);
    nowMs = 60_000;
    expect([limiter.take('demo'), limiter.take('demo'), limiter.take('demo')]).toEqual([true, true, false]);
  });

  it('counts every account for itself', () => {
    const limiter = new RateLimiter(1, () => 0);
    expect([limiter.take('demo'), limiter.take('acme'), limiter.take('demo')]).toEqual([true, true, false]);
  });

  it('lets everything through when there is no limit', () => {
    const limiter = new RateLimiter(0, () => 0);
    expect(Array.from({ length: 100 }, () => limiter.take('demo'))).not.toContain(false);
  });
});
