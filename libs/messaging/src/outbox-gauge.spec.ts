import { describe, expect, it, vi } from 'vitest';
import { silentObserver } from './observer.js';
import { OutboxGauge } from './outbox-gauge.js';
import type { OutboxDepth } from './outbox-store.js';

const ROWS_MAX = 100;

describe('the gauge of an outbox', () => {
  it('is full from its bound on, and not before it has looked', async () => {
    const depths = [100, 99, 100].map((rows) => ({ rows, oldestAgeMs: 1_000 }));
    const gauge = new OutboxGauge(async () => depths.shift() ?? empty, ROWS_MAX, silentObserver);
    expect(gauge.isFull()).toBe(false);
    expect(await gauge.runOnce()).toEqual({ rows: 100, oldestAgeMs: 1_000, rowsMax: 100, isFull: true });
    expect(gauge.isFull()).toBe(true);
    await gauge.runOnce();
    expect(gauge.isFull()).toBe(false);
  });

  it('asks for no more rows than it may count, and tells what it saw', async () => {
    const measure = vi.fn<(rowsMax: number) => Promise<OutboxDepth>>(async () => ({ rows: 3, oldestAgeMs: 42 }));
    const outboxSampled = vi.fn<(rows: number, oldestAgeMs: number) => void>();
    await new OutboxGauge(measure, ROWS_MAX, { ...silentObserver, outboxSampled }).runOnce();
    expect(measure.mock.calls).toEqual([[100]]);
    expect(outboxSampled.mock.calls).toEqual([[3, 42]]);
  });

  it('keeps its last sample while the table cannot be read', async () => {
    const answers: (OutboxDepth | Error)[] = [{ rows: 100, oldestAgeMs: 5 }, new Error('database away')];
    const measure = async (): Promise<OutboxDepth> => {
      const answer = answers.shift() ?? empty;
      if (answer instanceof Error) throw answer;
      return answer;
    };
    const gauge = new OutboxGauge(measure, ROWS_MAX, silentObserver);
    await gauge.runOnce();
    await expect(gauge.runOnce()).rejects.toThrow('database away');
    expect(gauge.isFull()).toBe(true);
  });
});

const empty: OutboxDepth = { rows: 0, oldestAgeMs: 0 };
