import { describe, expect, it } from 'vitest';
import { weigh } from '../../chaos/vacuity.mjs';

const ENOUGH = {
  confirmed: 500,
  cancelled: 50,
  refunds: 10,
  replays: 500,
  'waits and conflicts': 10,
  unknowns: 50,
  redeliveries: 20,
  'duplicates suppressed': 50,
};
const FAULTS = [
  { name: 'kill', lane: 'process', struck: 3 },
  { name: 'down', lane: 'provider-habits', struck: 3 },
];
const KILLS = { 'order-0': 1, 'payment-0': 2 };

const unmet = (facts: Partial<Parameters<typeof weigh>[0]>): readonly string[] =>
  weigh({ durationS: 120, counts: ENOUGH, faults: FAULTS, kills: KILLS, ...facts })
    .filter(({ isMet }: { isMet: boolean }) => !isMet)
    .map(({ what }: { what: string }) => what);

describe('the weight of a run of two minutes', () => {
  it('is enough at the minima', () => {
    expect(unmet({})).toEqual([]);
  });

  it.each(Object.entries(ENOUGH))('is too little with one less of %s', (what, minimum) => {
    expect(unmet({ counts: { ...ENOUGH, [what]: minimum - 1 } })).toEqual([what]);
  });

  it('is too little when a fault was felt twice only, or a replica never killed', () => {
    expect(unmet({ faults: [{ name: 'down', lane: 'provider-habits', struck: 2 }] })).toContain('fault down');
    expect(unmet({ kills: { ...KILLS, 'notification-1': 0 } })).toEqual(['kills of notification-1']);
  });
});

describe('the weight of another run', () => {
  it('is in proportion to its duration', () => {
    const half = Object.fromEntries(Object.entries(ENOUGH).map(([what, minimum]) => [what, minimum / 2]));
    expect(unmet({ durationS: 60, counts: half })).toEqual([]);
    expect(unmet({ durationS: 240 })).toContain('confirmed');
  });

  it('asks nothing of what only faults bring about where there are none', () => {
    const counts = { ...ENOUGH, unknowns: 0, redeliveries: 0, 'duplicates suppressed': 0 };
    expect(unmet({ counts, faults: [], kills: { 'order-0': 0 } })).toEqual([]);
  });

  it('is never enough when a provider declined everything', () => {
    expect(unmet({ counts: { ...ENOUGH, confirmed: 0, refunds: 0 } })).toEqual(['confirmed', 'refunds']);
  });
});
