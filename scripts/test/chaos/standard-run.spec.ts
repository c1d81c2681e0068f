/** What `npm run chaos` plans when nobody asks for anything else: two minutes, every fault, whatever the seed. */
import { describe, expect, it } from 'vitest';
import { faultsOf } from '../../chaos/faults/catalogue.mjs';
import { planStrikes } from '../../chaos/schedule.mjs';

const DURATION_MS = 120_000;
const SEEDS = Array.from({ length: 500 }, (_, seed) => seed);
const REPLICAS = ['order-0', 'order-1', 'payment-0', 'payment-1', 'notification-0', 'notification-1'];

/** Enough of a system to be asked what could break in it. */
const target = {
  replicas: REPLICAS.map((label) => ({ label, service: label.slice(0, -2) })),
  links: { namesOf: () => ['order-0 → database', 'customers → order-0'] },
};
const faults = faultsOf(target, {});
const LANES = [...new Set(faults.map(({ lane }) => lane))];

const plan = (seed: number): readonly Strike[] => planStrikes({ seed, durationMs: DURATION_MS, faults });

interface Strike {
  readonly atMs: number;
  readonly takesMs: number;
  readonly fault: string;
  readonly target: string;
  readonly lane: string;
}

describe('the schedule of two minutes with every fault', () => {
  it('has each of them three times at least', () => {
    for (const seed of SEEDS) {
      const strikes = plan(seed);
      const rare = faults.filter(({ name }) => strikes.filter(({ fault }) => fault === name).length < 3);
      expect(rare.map(({ name }) => `${name} with seed ${seed}`)).toEqual([]);
    }
  });

  it('kills each replica', () => {
    for (const seed of SEEDS) {
      const kills = plan(seed).filter(({ fault }) => fault === 'kill');
      expect(new Set(kills.map(({ target: label }) => label))).toEqual(new Set(REPLICAS));
    }
  });

  it('leaves room for what takes longer than it should: each lane could lag ten seconds behind and strike all the same', () => {
    for (const seed of SEEDS) {
      const strikes = plan(seed);
      const lastOf = (lane: string): number =>
        Math.max(...strikes.filter((strike) => strike.lane === lane).map(({ atMs }) => atMs));
      for (const lane of LANES) expect(lastOf(lane)).toBeLessThanOrEqual(DURATION_MS - 10_000);
    }
  });
});
