import { describe, expect, it } from 'vitest';
import { retryWhileUnreachable } from './retry-while-unreachable.js';

const refused = (): Error => Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });

/** Fails as often as told, then gives its number of calls. */
function work(failures: number, error: () => Error) {
  let calls = 0;
  return async (): Promise<number> => {
    calls += 1;
    if (calls <= failures) throw error();
    return calls;
  };
}

describe('retryWhileUnreachable', () => {
  it('waits for a server that comes up, reporting every attempt', async () => {
    const attempts: number[] = [];
    const result = await retryWhileUnreachable(work(3, refused), (_error, attempt) => attempts.push(attempt), 1);
    expect(result).toBe(4);
    expect(attempts).toEqual([1, 2, 3]);
  });

  it('does not repeat what the server refuses', async () => {
    const denied = () => Object.assign(new Error('password authentication failed'), { code: '28P01' });
    const attempts: number[] = [];
    const waiting = retryWhileUnreachable(work(1, denied), (_error, attempt) => attempts.push(attempt), 1);
    await expect(waiting).rejects.toThrow('password authentication failed');
    expect(attempts).toEqual([]);
  });

  it('gives up after a bounded number of attempts', async () => {
    const attempts: number[] = [];
    const waiting = retryWhileUnreachable(work(1_000, refused), (_error, attempt) => attempts.push(attempt), 0);
    await expect(waiting).rejects.toThrow('ECONNREFUSED');
    expect(attempts).toHaveLength(59);
  });
});
