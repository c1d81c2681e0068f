import { describe, expect, it } from 'vitest';
import { limitsUnderLease } from './session-limits.js';

describe('limitsUnderLease', () => {
  it.each([1_000, 30_000, 25])('ends every session below half of a lease of %i ms', (leaseMs) => {
    for (const limitMs of Object.values(limitsUnderLease(leaseMs))) {
      expect(limitMs).toBeGreaterThan(0);
      expect(limitMs).toBeLessThan(leaseMs / 2);
    }
  });

  it('never turns a limit off, which is what 0 means to Postgres', () => {
    expect(limitsUnderLease(1)).toEqual({
      lock_timeout: 1,
      statement_timeout: 1,
      transaction_timeout: 1,
      idle_in_transaction_session_timeout: 1,
    });
  });
});
