import { vi } from 'vitest';
import { AtomicExecutor, type AtomicOptions } from '../src/index.js';
import { classify, type Deposit, type InMemoryDeposits } from './in-memory-work.js';

export const WAIT_MS = 1_000;

export function executorOf(deposits: InMemoryDeposits, options: Partial<AtomicOptions> = {}) {
  return new AtomicExecutor(deposits, { batchMax: 50, waitMs: WAIT_MS, classify, random: () => 1, ...options });
}

export function numbered(count: number): readonly Deposit[] {
  return Array.from({ length: count }, (_, index) => ({ key: `k${index}`, amount: index }));
}

export const settled = async <Value>(promises: readonly Promise<Value>[]): Promise<PromiseSettledResult<Value>[]> => {
  const results = Promise.allSettled(promises);
  await vi.runAllTimersAsync();
  return results;
};

export const answered = (amount: number, isReplay = false) => ({ status: 'fulfilled', value: { amount, isReplay } });
export const refused = (reason: unknown) => ({ status: 'rejected', reason });
