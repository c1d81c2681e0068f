import { describe, expect, it } from 'vitest';
import { planStrikes } from '../../chaos/schedule.mjs';

const FAULTS = [
  { name: 'kill', lane: 'process', lastsMs: 4_000, perTwoMinutes: 8, targets: ['order-0', 'order-1', 'payment-0'] },
  { name: 'stop', lane: 'process', lastsMs: 5_500, perTwoMinutes: 4, targets: ['order-0', 'order-1', 'payment-0'] },
  { name: 'down', lane: 'world', lastsMs: 3_500, perTwoMinutes: 3, targets: ['*'] },
];

interface Strike {
  readonly number: number;
  readonly atMs: number;
  readonly lastsMs: number;
  readonly fault: string;
  readonly target: string;
  readonly lane: string;
}

const plan = (seed: number, durationMs: number): readonly Strike[] => planStrikes({ seed, durationMs, faults: FAULTS });

const count = (strikes: readonly Strike[], name: string): number =>
  strikes.filter(({ fault }) => fault === name).length;

describe('the schedule of a chaos run', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(plan(7, 120_000)).toEqual(plan(7, 120_000));
    expect(plan(8, 120_000)).not.toEqual(plan(7, 120_000));
  });

  it('strikes as often as a fault wants in two minutes, in proportion otherwise', () => {
    const twoMinutes = plan(1, 120_000);
    expect(['kill', 'stop', 'down'].map((name) => count(twoMinutes, name))).toEqual([8, 4, 3]);
    expect(['kill', 'stop', 'down'].map((name) => count(plan(1, 600_000), name))).toEqual([40, 20, 15]);
  });

  it('strikes more often when it is asked to', () => {
    const often = planStrikes({ seed: 1, durationMs: 120_000, faults: FAULTS, often: 1.5 });
    expect(['kill', 'stop', 'down'].map((name) => count(often, name))).toEqual([12, 6, 5]);
  });

  it('lets the targets of a fault take turns', () => {
    const targets = plan(1, 120_000)
      .filter(({ fault }) => fault === 'kill')
      .map(({ target }) => target);
    expect(targets.slice(3, 6)).toEqual(targets.slice(0, 3));
    expect(new Set(targets.slice(0, 3)).size).toBe(3);
  });

  it.each([20_000, 45_000, 120_000])(
    'lets nothing of one lane overlap, and ends before a load of %i ms does',
    (durationMs) => {
      for (let seed = 0; seed < 50; seed += 1) {
        const strikes = plan(seed, durationMs);
        for (const lane of ['process', 'world']) {
          const own = strikes.filter((strike) => strike.lane === lane);
          own.slice(1).forEach(({ atMs }, index) => {
            const before = own[index];
            expect(atMs).toBeGreaterThanOrEqual((before?.atMs ?? 0) + (before?.lastsMs ?? 0));
          });
        }
        expect(Math.max(...strikes.map(({ atMs, lastsMs }) => atMs + lastsMs))).toBeLessThanOrEqual(durationMs - 2_000);
        expect(Math.min(...strikes.map(({ atMs }) => atMs))).toBeGreaterThanOrEqual(3_000);
      }
    },
  );

  it('leaves no fault out for another when there is little time', () => {
    const strikes = plan(3, 25_000);
    expect(count(strikes, 'kill')).toBeGreaterThan(0);
    expect(count(strikes, 'stop')).toBeGreaterThan(0);
  });
});
