import { describe, expect, it } from 'vitest';
import { nextMove, readEffectOutcome, type Resolution } from './sink.js';

const HOUR_MS = 3_600_000;
const nothing = () => Promise.resolve(null);

const addressed: Resolution = { kind: 'addressed', read: nothing };
const keyed: Resolution = { kind: 'keyed', keyLifeMs: 24 * HOUR_MS, marginMs: HOUR_MS, lookUp: nothing };
const atMostOnce: Resolution = { kind: 'blind', sends: 'at-most-once' };
const atLeastOnce: Resolution = { kind: 'blind', sends: 'at-least-once' };

describe('nextMove', () => {
  it.each([addressed, keyed, atMostOnce, atLeastOnce])('sends what was never sent (%j)', (resolution) => {
    expect(nextMove(resolution, 0, 0)).toBe('send');
  });

  it('reads the object of an addressed sink before it sends again', () => {
    expect(nextMove(addressed, 1, 0)).toBe('read');
  });

  it('sends again under the same key for as long as the sink remembers it, less a margin', () => {
    expect(nextMove(keyed, 1, 23 * HOUR_MS - 1)).toBe('send');
    expect(nextMove(keyed, 9, 23 * HOUR_MS)).toBe('look-up');
  });

  it('sends to a blind sink again or never, as its caller chose', () => {
    expect(nextMove(atLeastOnce, 1, 99 * HOUR_MS)).toBe('send');
    expect(nextMove(atMostOnce, 1, 0)).toBe('give-up');
  });
});

describe('readEffectOutcome', () => {
  it.each([{ kind: 'unknown' }, { kind: 'answered', answer: { id: 1 } }])('reads %j', (outcome) => {
    expect(readEffectOutcome(outcome)).toEqual(outcome);
  });

  it.each([{}, { kind: 'answered' }, { kind: 'answered', answer: null }, { status: 202 }])('refuses %j', (outcome) => {
    expect(() => readEffectOutcome(outcome)).toThrow(TypeError);
  });
});
