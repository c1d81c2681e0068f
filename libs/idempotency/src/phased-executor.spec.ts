import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Calls } from '../test/calls.js';
import { InMemoryLeases } from '../test/in-memory-leases.js';
import { PhasedExecutor, type PhasedOptions } from './phased-executor.js';

const LEASE_MS = 30_000;
const BACKOFF_MAX_MS = 60_000;

describe('PhasedExecutor', () => {
  let leases: InMemoryLeases;
  let calls: Calls;
  let errors: unknown[];

  const executorOf = (options: Partial<PhasedOptions> = {}, perform = calls.perform) =>
    new PhasedExecutor(leases, perform, {
      holder: 'payment-0',
      leaseMs: LEASE_MS,
      concurrencyMax: 2,
      backoffMsMax: BACKOFF_MAX_MS,
      onError: (error) => errors.push(error),
      random: () => 1,
      ...options,
    });

  beforeEach(() => {
    vi.useFakeTimers();
    leases = new InMemoryLeases();
    calls = new Calls();
    errors = [];
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  describe('work', () => {
    it('begins with its claim, and needs its lease no longer once it is finished', async () => {
      const executor = executorOf();
      executor.begin(leases.claim('a', LEASE_MS));
      expect(calls.started).toEqual(['a']);
      await calls.end('a', 'finished');
      await vi.advanceTimersByTimeAsync(LEASE_MS);
      expect(leases.released).toEqual([]);
      expect(calls.isAborted('a')).toBe(false);
    });

    it('runs at most concurrencyMax at a time, in order of arrival', async () => {
      const executor = executorOf();
      for (const key of ['a', 'b', 'c', 'd']) executor.begin(leases.claim(key, LEASE_MS));
      expect(calls.started).toEqual(['a', 'b']);
      await calls.end('b', 'finished');
      expect(calls.started).toEqual(['a', 'b', 'c']);
      await calls.end('a', new Error('any'));
      expect(calls.started).toEqual(['a', 'b', 'c', 'd']);
    });

    it('begins once, however often the same claim is announced', () => {
      const executor = executorOf();
      const lease = leases.claim('a', LEASE_MS);
      executor.begin(lease);
      executor.begin(lease);
      expect(calls.started).toEqual(['a']);
    });

    it('is given back at once when more waits here than one process should hold', async () => {
      const executor = executorOf();
      for (let index = 0; index < 5_001; index += 1) executor.begin(leases.claim(`k${index}`, LEASE_MS));
      await vi.advanceTimersByTimeAsync(0);
      expect(leases.released).toEqual([{ key: 'k5000', afterMs: 0 }]);
    });

    it.each([
      [1, 200],
      [2, 400],
      [8, 25_600],
      [20, BACKOFF_MAX_MS],
      [2_000, BACKOFF_MAX_MS],
    ])('without an outcome after claim %i is given back for %i ms', async (token, afterMs) => {
      executorOf().begin({ ...leases.claim('a', LEASE_MS), token });
      await calls.end('a', 'unfinished');
      expect(leases.released).toEqual([{ key: 'a', afterMs }]);
    });

    it('without an outcome is given back for at least half of that', async () => {
      executorOf({ random: () => 0 }).begin(leases.claim('a', LEASE_MS));
      await calls.end('a', 'unfinished');
      expect(leases.released).toEqual([{ key: 'a', afterMs: 100 }]);
    });

    it('that throws is reported, given back, and in nobody’s way', async () => {
      const executor = executorOf({ concurrencyMax: 1 });
      executor.begin(leases.claim('a', LEASE_MS));
      executor.begin(leases.claim('b', LEASE_MS));
      const error = new Error('the provider speaks HTML');
      await calls.end('a', error);
      expect(errors).toEqual([error]);
      expect(leases.released).toEqual([{ key: 'a', afterMs: 200 }]);
      expect(calls.started).toEqual(['a', 'b']);
    });

    it('that cannot be given back is left to expire', async () => {
      leases.beforeAnswer = () => {
        throw new Error('no database');
      };
      executorOf().begin(leases.claim('a', LEASE_MS));
      await calls.end('a', 'unfinished');
      expect(errors).toEqual([new Error('no database')]);
    });
  });

  describe('the rescuer', () => {
    const abandon = async (...keys: readonly string[]): Promise<void> => {
      for (const key of keys) {
        leases.claim(key, LEASE_MS);
        await leases.age(key, 1);
      }
    };

    it('resumes what its holder abandoned', async () => {
      await abandon('a');
      const executor = executorOf();
      expect(await executor.runOnce()).toEqual({ takenOver: 1 });
      expect(calls.started).toEqual(['a']);
      expect(leases.recordOf('a')).toMatchObject({ holder: 'payment-0', lease: { token: 2 } });
    });

    it('does not wait for the pause of work that somebody asks for, unless it runs here', async () => {
      const executor = executorOf();
      const lease = leases.claim('a', LEASE_MS);
      executor.begin(lease);
      await executor.hurry(lease);
      expect(leases.released).toEqual([]);
      await calls.end('a', 'unfinished');
      expect(await executor.runOnce()).toEqual({ takenOver: 0 });

      await executor.hurry(lease);
      expect(await executor.runOnce()).toEqual({ takenOver: 1 });
      expect(calls.started).toEqual(['a', 'a']);
    });

    it('takes over only as much as there is room for', async () => {
      await abandon('a', 'b', 'c');
      const executor = executorOf();
      executor.begin(leases.claim('own', LEASE_MS));
      expect(await executor.runOnce()).toEqual({ takenOver: 1 });
      expect(await executor.runOnce()).toEqual({ takenOver: 0 });
      await calls.end('own', 'finished');
      expect(await executor.runOnce()).toEqual({ takenOver: 1 });
    });

    it('retries in the end what was given back, by its growing token', async () => {
      const executor = executorOf();
      executor.begin(leases.claim('a', LEASE_MS));
      await calls.end('a', 'unfinished');
      expect(await executor.runOnce()).toEqual({ takenOver: 0 });
      await vi.advanceTimersByTimeAsync(200);
      expect(await executor.runOnce()).toEqual({ takenOver: 1 });
      await calls.end('a', 'unfinished');
      expect(leases.released.map(({ afterMs }) => afterMs)).toEqual([200, 400]);
    });
  });

  describe('a stop', () => {
    it('tells what runs, waits for it, and gives it back to be rescued at once', async () => {
      const executor = executorOf();
      executor.begin(leases.claim('a', LEASE_MS));
      const stopped = vi.fn<() => void>();
      const stop = executor.stop().then(stopped);
      await vi.advanceTimersByTimeAsync(1_000);
      expect(calls.isAborted('a')).toBe(true);
      expect(stopped).not.toHaveBeenCalled();
      await calls.end('a', 'unfinished');
      await stop;
      expect(leases.released).toEqual([{ key: 'a', afterMs: 0 }]);
    });

    it('keeps the leases of what still runs', async () => {
      const executor = executorOf();
      executor.begin(leases.claim('a', LEASE_MS));
      const stop = executor.stop();
      await vi.advanceTimersByTimeAsync(3 * LEASE_MS);
      expect(leases.recordOf('a').expiresAt).toBeGreaterThan(Date.now());
      await calls.end('a', 'finished');
      await stop;
      expect(vi.getTimerCount()).toBe(0);
    });

    it('gives back what waits, and what arrives later', async () => {
      const executor = executorOf({ concurrencyMax: 1 });
      executor.begin(leases.claim('a', LEASE_MS));
      executor.begin(leases.claim('b', LEASE_MS));
      const stop = executor.stop();
      await calls.end('a', 'finished');
      await stop;
      executor.begin(leases.claim('c', LEASE_MS));
      await vi.advanceTimersByTimeAsync(0);
      expect(leases.released).toEqual([
        { key: 'b', afterMs: 0 },
        { key: 'c', afterMs: 0 },
      ]);
      expect(calls.started).toEqual(['a']);
      expect(await executor.runOnce()).toEqual({ takenOver: 0 });
    });

    it('gives back what a rescue in flight takes over', async () => {
      leases.claim('a', 0);
      const executor = executorOf();
      const rescue = executor.runOnce();
      const stop = executor.stop();
      await rescue;
      await stop;
      await vi.advanceTimersByTimeAsync(0);
      expect(calls.started).toEqual([]);
      expect(leases.released).toEqual([{ key: 'a', afterMs: 0 }]);
    });
  });
});
