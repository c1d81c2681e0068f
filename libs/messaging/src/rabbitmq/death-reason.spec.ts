import { describe, expect, it } from 'vitest';
import { deathReasonOf } from './death-reason.js';

const dead = (headers: unknown): string =>
  deathReasonOf({ body: Buffer.alloc(0), properties: { headers }, isRedelivered: false });

describe('death reason', () => {
  it('is what the broker says', () => {
    expect(dead({ 'x-first-death-reason': 'delivery_limit' })).toBe('dead-lettered by the broker: delivery_limit');
  });

  it.each([undefined, null, 'text', {}, { 'x-first-death-reason': 7 }])('does without it for headers %j', (headers) => {
    expect(dead(headers)).toBe('found in the dead-letter queue');
  });
});
