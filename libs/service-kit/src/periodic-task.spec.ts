import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PeriodicTask } from './periodic-task.js';

/** A pass that ends when the test says so. */
function heldPass() {
  const ends: (() => void)[] = [];
  let running = 0;
  let runningMax = 0;
  const runOnce = async (): Promise<void> => {
    running += 1;
    runningMax = Math.max(runningMax, running);
    await new Promise<void>((resolve) => ends.push(resolve));
    running -= 1;
  };
  return { runOnce, ends, runningMax: () => runningMax };
}

const middle = (): number => 0.5;

describe('PeriodicTask', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('runs its first pass at once and the next one after its interval', async () => {
    const runOnce = vi.fn<() => Promise<void>>(async () => {});
    const task = new PeriodicTask({ name: 'sweep', intervalMs: 1_000, runOnce, random: middle });
    task.start();
    await vi.advanceTimersByTimeAsync(0);
    expect(runOnce).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(999);
    expect(runOnce).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(runOnce).toHaveBeenCalledTimes(2);
    await task.stop();
  });

  it.each([
    [0, 800],
    [1, 1_200],
  ])('varies its pause by a fifth: %d gives %d ms', async (random, pauseMs) => {
    const runOnce = vi.fn<() => Promise<void>>(async () => {});
    const task = new PeriodicTask({ name: 'sweep', intervalMs: 1_000, runOnce, random: () => random });
    task.start();
    await vi.advanceTimersByTimeAsync(pauseMs - 1);
    expect(runOnce).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(runOnce).toHaveBeenCalledTimes(2);
    await task.stop();
  });

  it('does not take an interval longer than a timer can hold for no interval', async () => {
    const runOnce = vi.fn<() => Promise<void>>(async () => {});
    const task = new PeriodicTask({ name: 'reaper', intervalMs: 3_024_000_000, runOnce });
    task.start();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(runOnce).toHaveBeenCalledTimes(1);
    await task.stop();
  });

  it('reports a failed pass and goes on', async () => {
    const onError = vi.fn<(error: unknown) => void>();
    const runOnce = vi.fn<() => Promise<void>>(async () => {
      throw new Error('database away');
    });
    const task = new PeriodicTask({ name: 'sweep', intervalMs: 1_000, runOnce, random: middle, onError });
    task.start();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(onError).toHaveBeenCalledTimes(3);
    await task.stop();
  });

  it('never overlaps, however often it is started and woken', async () => {
    const { runOnce, ends, runningMax } = heldPass();
    const task = new PeriodicTask({ name: 'sweep', intervalMs: 10, runOnce });
    task.start();
    task.start();
    await vi.advanceTimersByTimeAsync(100);
    task.wake();
    task.start();
    await vi.advanceTimersByTimeAsync(100);
    expect(ends).toHaveLength(1);
    ends[0]?.();
    await vi.advanceTimersByTimeAsync(100);
    expect(ends).toHaveLength(2);
    expect(runningMax()).toBe(1);
    ends[1]?.();
    await task.stop();
  });

  it('runs at once when woken while it waits', async () => {
    const runOnce = vi.fn<() => Promise<void>>(async () => {});
    const task = new PeriodicTask({ name: 'sweep', intervalMs: 60_000, runOnce });
    task.start();
    await vi.advanceTimersByTimeAsync(0);
    task.wake();
    await vi.advanceTimersByTimeAsync(0);
    expect(runOnce).toHaveBeenCalledTimes(2);
    await task.stop();
  });

  it('runs once more when woken during a pass, which may have looked too early', async () => {
    const { runOnce, ends } = heldPass();
    const task = new PeriodicTask({ name: 'sweep', intervalMs: 60_000, runOnce });
    task.start();
    await vi.advanceTimersByTimeAsync(0);
    task.wake();
    task.wake();
    ends[0]?.();
    await vi.advanceTimersByTimeAsync(0);
    expect(ends).toHaveLength(2);
    ends[1]?.();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(ends).toHaveLength(2);
    await task.stop();
  });

  it('waits at stop for the pass in flight, tells it so, and runs no other', async () => {
    const { runOnce, ends } = heldPass();
    let signal: AbortSignal | undefined;
    const task = new PeriodicTask({
      name: 'sweep',
      intervalMs: 10,
      runOnce: (given) => {
        signal = given;
        return runOnce();
      },
    });
    task.start();
    await vi.advanceTimersByTimeAsync(0);
    let isStopped = false;
    const stopping = task.stop().then(() => (isStopped = true));
    task.wake();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(isStopped).toBe(false);
    expect(signal?.aborted).toBe(true);
    ends[0]?.();
    await stopping;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(ends).toHaveLength(1);
  });

  it('does nothing before its start, and stops without having been started', async () => {
    const runOnce = vi.fn<() => Promise<void>>(async () => {});
    const task = new PeriodicTask({ name: 'sweep', intervalMs: 10, runOnce });
    task.wake();
    await task.stop();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(runOnce).not.toHaveBeenCalled();
  });

  it('does not overlap the pass of its earlier life when it is started again during stop', async () => {
    const { runOnce, ends, runningMax } = heldPass();
    const task = new PeriodicTask({ name: 'sweep', intervalMs: 10, runOnce });
    task.start();
    await vi.advanceTimersByTimeAsync(0);
    const stopping = task.stop();
    task.start();
    await vi.advanceTimersByTimeAsync(100);
    expect(ends).toHaveLength(1);
    ends[0]?.();
    await stopping;
    await vi.advanceTimersByTimeAsync(100);
    expect(ends).toHaveLength(2);
    expect(runningMax()).toBe(1);
    ends[1]?.();
    await task.stop();
  });
});
