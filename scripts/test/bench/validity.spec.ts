import { describe, expect, it } from 'vitest';
import { findInvalidity } from '../../bench/validity.mjs';

const peerWith = (...cpuMs: readonly number[]): object => ({
  scenarios: {
    peer: {
      measurements: cpuMs.map((each, round) => ({
        system: 'dbos',
        load: '64 in flight',
        round,
        figures: { cpuMs: each },
      })),
    },
  },
});

describe('the validity of a run', () => {
  it('refuses a peer that needs more than it does on a quiet machine', () => {
    expect(findInvalidity(peerWith(17, 19, 24))).toContain('INVALID: DBOS took 19.0 CPU ms per order');
  });

  it('takes the median of its rounds, and a run without the peer as it is', () => {
    expect(findInvalidity(peerWith(17, 18, 24))).toBeNull();
    expect(findInvalidity({ scenarios: {} })).toBeNull();
  });
});
