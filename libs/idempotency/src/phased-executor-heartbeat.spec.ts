import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Calls } from '../test/calls.js';
import { InMemoryLeases } from '../test/in-memory-leases.js';
import { PhasedExecutor, type PhasedOptions } from './phased-executor.js';

const LEASE_MS = 30_000;
const BACKOFF_MAX_MS = 60_000;

describe('the heartbeat of PhasedExecutor', () => {
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

  it('keeps the lease of work that takes longer than it', async () => {
    executorOf().begin(leases.claim('a', LEASE_MS));
    await vi.advanceTimersByTimeAsync(10 * LEASE_MS);
    expect(leases.recordOf('a').expiresAt).toBeGreaterThan(Date.now() + LEASE_MS * 0.9);
    expect(calls.isAborted('a')).toBe(false);
  });

  it('keeps the lease of work that waits for its turn', async () => {
    const executor = executorOf({ concurrencyMax: 1 });
    executor.begin(leases.claim('a', LEASE_MS));
    executor.begin(leases.claim('b', LEASE_MS));
    await vi.advanceTimersByTimeAsync(10 * LEASE_MS);
    await calls.end('a', 'finished');
    expect(calls.started).toEqual(['a', 'b']);
    expect(calls.isAborted('b')).toBe(false);
  });

  it('renews what waits less often than what runs, since each renewal writes a row', async () => {
    const executor = executorOf({ concurrencyMax: 1 });
    executor.begin(leases.claim('a', LEASE_MS));
    executor.begin(leases.claim('b', LEASE_MS));
    await vi.advanceTimersByTimeAsync(LEASE_MS / 2); // so that both have been renewed once
    const renewed: string[] = [];
    const renew = leases.renew.bind(leases);
    vi.spyOn(leases, 'renew').mockImplementation((held, leaseMs) => {
      renewed.push(...held.map(({ key }) => key));
      return renew(held, leaseMs);
    });
    await vi.advanceTimersByTimeAsync(10 * LEASE_MS);
    expect(renewed.filter((key) => key === 'a')).toHaveLength(150);
    expect(renewed.filter((key) => key === 'b')).toHaveLength(30);
  });

  it('tells work that its record was taken over', async () => {
    executorOf().begin(leases.claim('a', LEASE_MS));
    await leases.age('a', 0);
    await leases.takeOver('another', LEASE_MS, 1);
    await vi.advanceTimersByTimeAsync(LEASE_MS / 15);
    expect(calls.isAborted('a')).toBe(true);
  });

  it('tells work that its record was finished by an observation', async () => {
    executorOf().begin(leases.claim('a', LEASE_MS));
    await leases.finish('a');
    await vi.advanceTimersByTimeAsync(LEASE_MS / 15);
    expect(calls.isAborted('a')).toBe(true);
  });

  it('survives 25 s without a database under a lease of 30 s', async () => {
    executorOf().begin(leases.claim('a', LEASE_MS));
    await vi.advanceTimersByTimeAsync(LEASE_MS);
    leases.beforeAnswer = () => {
      throw new Error('no database');
    };
    await vi.advanceTimersByTimeAsync(25_000);
    leases.beforeAnswer = () => {};
    await vi.advanceTimersByTimeAsync(10 * LEASE_MS);
    expect(errors.length).toBeGreaterThanOrEqual(12);
    expect(calls.isAborted('a')).toBe(false);
  });

  it.each([
    ['refuses', () => Promise.reject(new Error('no database'))],
    ['never answers', () => new Promise<void>(() => {})],
  ])('ends trust before the lease can have expired when the database %s', async (_how, answer) => {
    executorOf().begin(leases.claim('a', LEASE_MS));
    await vi.advanceTimersByTimeAsync(LEASE_MS);
    leases.beforeAnswer = answer;
    const { expiresAt } = leases.recordOf('a');
    await vi.advanceTimersByTimeAsync(expiresAt - Date.now() - LEASE_MS * 0.06);
    expect(calls.isAborted('a')).toBe(false);
    await vi.advanceTimersByTimeAsync(LEASE_MS * 0.06);
    expect(calls.isAborted('a')).toBe(true);
  });

  it('trusts a claim that was just committed for less, since its statement may have taken half the lease', async () => {
    leases.beforeAnswer = () => new Promise<void>(() => {});
    executorOf().begin(leases.claim('a', LEASE_MS));
    await vi.advanceTimersByTimeAsync(LEASE_MS / 2);
    expect(calls.isAborted('a')).toBe(true);
  });

  it('does not start work whose lease was lost while it waited', async () => {
    const executor = executorOf({ concurrencyMax: 1 });
    executor.begin(leases.claim('a', LEASE_MS));
    executor.begin(leases.claim('b', LEASE_MS));
    await leases.finish('b');
    await vi.advanceTimersByTimeAsync(LEASE_MS / 15);
    await calls.end('a', 'finished');
    expect(calls.started).toEqual(['a']);
  });
});
