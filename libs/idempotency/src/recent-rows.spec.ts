import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CarriedClock } from './carried-clock.js';
import { ForeseenRows } from './foreseen-rows.js';
import { RecentRows } from './recent-rows.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('RecentRows', () => {
  it('recall what was seen last under a name', () => {
    const rows = new RecentRows<number>(2);
    rows.remember('a', 1);
    rows.remember('a', 2);
    expect([rows.recall('a'), rows.recall('b')]).toEqual([2, undefined]);
  });

  it('forget what was not seen for longest when there are too many', () => {
    const rows = new RecentRows<number>(2);
    for (const name of ['a', 'b', 'a', 'c']) rows.remember(name, 1);
    expect(['a', 'b', 'c'].filter((name) => rows.recall(name) !== undefined)).toEqual(['a', 'c']);
  });

  it('recall nothing that is older than is asked for', () => {
    const rows = new RecentRows<number>(2);
    rows.remember('a', 1);
    vi.advanceTimersByTime(1_000);
    expect([rows.recall('a', 1_000), rows.recall('a', 999), rows.recall('a')]).toEqual([1, undefined, 1]);
  });
});

describe('CarriedClock', () => {
  it('knows no time before it was read', () => {
    expect(new CarriedClock().now()).toBeUndefined();
  });

  it('goes on from its reading, and not for longer than some seconds', () => {
    const clock = new CarriedClock();
    clock.read(new Date(86_400_000));
    vi.advanceTimersByTime(5_000);
    expect(clock.now()).toEqual(new Date(86_405_000));
    vi.advanceTimersByTime(1);
    expect(clock.now()).toBeUndefined();
  });
});

describe('ForeseenRows', () => {
  const NOW = new Date('2026-01-01T00:00:00Z');
  const row = (id: string, version = 1) => ({ id, version });
  const foreseen = () => new ForeseenRows<{ id: string; version: number }>(({ id }) => id);

  it('foresee nothing before the clock was read, and then what was loaded or committed', () => {
    const rows = foreseen();
    rows.committed([row('a')], new Set([0]));
    expect(rows.foresee('a')).toBeUndefined();
    rows.loaded(row('b'), NOW);
    expect(rows.foresee('a')).toEqual({ row: row('a', 2), now: NOW });
    expect(rows.foresee('b')).toEqual({ row: row('b'), now: NOW });
  });

  it('know only those rows as committed that applied', () => {
    const rows = foreseen();
    rows.loaded(null, NOW);
    rows.committed([row('a'), null, row('b', 0)], new Set([1, 2]));
    expect(rows.foresee('a')).toBeUndefined();
    expect(rows.foresee('b')?.row).toEqual(row('b', 1));
  });

  it('take a row for new that nobody has seen, where nothing comes before', () => {
    const rows = foreseen();
    rows.loaded(null, NOW);
    expect(rows.foresee('a')).toBeUndefined();
    expect(rows.foresee('a', true)).toEqual({ row: null, now: NOW });
    rows.committed([row('a')], new Set([0]));
    expect(rows.foresee('a', true)?.row).toEqual(row('a', 2));
  });
});
