import { describe, expect, it } from 'vitest';
import { GOALS, judgeGoals, missedGates } from '../../bench/goals.mjs';

interface Judged {
  readonly measure: string;
  readonly measured: string;
  readonly spread: string;
  readonly verdict: string;
}

const measurement = (system: string, load: string, round: number, figures: Record<string, number>): object => ({
  system,
  load,
  round,
  figures,
});

const peer = (...measurements: readonly object[]): object => ({ scenarios: { peer: { measurements } } });

const judge = (results: object, measure: string): Judged | undefined =>
  (judgeGoals(results) as Judged[]).find((goal) => goal.measure === measure);

describe('the goals', () => {
  it('judges the median of the ratios within each round, and tells their spread', () => {
    const results = peer(
      measurement('once', '128 in flight', 0, { cpuMs: 2 }),
      measurement('dbos', '128 in flight', 0, { cpuMs: 8 }),
      measurement('once', '128 in flight', 1, { cpuMs: 3 }),
      measurement('dbos', '128 in flight', 1, { cpuMs: 18 }),
      measurement('once', '128 in flight', 2, { cpuMs: 2 }),
      measurement('dbos', '128 in flight', 2, { cpuMs: 20 }),
    );
    expect(judge(results, 'CPU per order vs DBOS at 128')).toMatchObject({
      measured: '1/6.0',
      spread: '1/10.0 to 1/4.0',
      verdict: 'floor',
    });
  });

  it.each([
    [400, 100, 'floor'],
    [700, 100, 'ambitious'],
    [399, 100, 'MISSED'],
  ])('calls %d orders/s beside %d %s', (once, dbos, verdict) => {
    const results = peer(
      measurement('once', '64 in flight', 0, { ordersPerSecond: once }),
      measurement('dbos', '64 in flight', 0, { ordersPerSecond: dbos }),
    );
    expect(judge(results, 'orders/s vs DBOS, both at 64')?.verdict).toBe(verdict);
  });

  it('compares each system at the load that suits it best', () => {
    const results = peer(
      measurement('once', '64 in flight', 0, { ordersPerSecond: 300 }),
      measurement('once', '256 in flight', 0, { ordersPerSecond: 900 }),
      measurement('dbos', '64 in flight', 0, { ordersPerSecond: 100 }),
      measurement('dbos', '256 in flight', 0, { ordersPerSecond: 50 }),
    );
    expect(judge(results, 'orders/s vs DBOS, each at its best window')?.measured).toBe('9.00x');
  });

  it('says of a load that a system cannot carry that nothing was measured', () => {
    const results = peer(measurement('once', '50 per second', 0, { p99: 40 }), {
      system: 'dbos',
      load: '50 per second',
      round: 0,
      cannotCarry: true,
      best: 40,
    });
    expect(judge(results, 'p99 vs DBOS at 50 orders/s')?.verdict).toBe('not measured');
  });

  it('gates a release by the floors of CPU ratios alone', () => {
    const worst = { cpuMs: 50, ordersPerSecond: 1, p99: 900 };
    const results = peer(
      measurement('once', '128 in flight', 0, worst),
      measurement('dbos', '128 in flight', 0, { cpuMs: 10, ordersPerSecond: 100, p99: 10 }),
    );
    const missed = missedGates(judgeGoals(results)) as Judged[];
    expect(missed.map(({ measure }) => measure)).toEqual(['CPU per order vs DBOS at 128']);
  });

  it('asks for more of an ambitious figure than of its floor', () => {
    for (const { measure, holds, floor, ambitious } of GOALS as {
      measure: string;
      holds: (value: number, bound: number) => boolean;
      floor: number;
      ambitious: number;
    }[])
      expect(holds(ambitious, floor) && !holds(floor, ambitious), measure).toBe(true);
  });
});
