import { describe, expect, it } from 'vitest';
import { encounter } from './encounter.js';
import { finishedRecord, unfinishedRecord } from '../test/records.js';

describe('encounter', () => {
  it('meets nothing under a key that was never used', () => {
    expect(encounter(null, 'v1:a')).toEqual({ kind: 'new' });
  });

  it('meets the outcome of a finished operation', () => {
    const record = finishedRecord({ fingerprint: 'v1:a', outcome: { total: 1 } });
    expect(encounter(record, 'v1:a')).toEqual({ kind: 'finished', outcome: { total: 1 } });
  });

  it.each([true, false])('meets an operation in progress, whether its lease is live (%s) or not', (isLeaseLive) => {
    const record = unfinishedRecord({ fingerprint: 'v1:a', isLeaseLive });
    expect(encounter(record, 'v1:a')).toEqual({ kind: 'in-progress' });
  });

  it('refuses another fingerprint before it looks at the state, and tells the state', () => {
    const other = { fingerprint: 'v1:b' };
    expect(encounter(finishedRecord(other), 'v1:a')).toEqual({ kind: 'mismatched', isFinished: true });
    expect(encounter(unfinishedRecord(other), 'v1:a')).toEqual({ kind: 'mismatched', isFinished: false });
  });

  it('takes no change of the fingerprint’s algorithm for another request', () => {
    const record = finishedRecord({ fingerprint: 'v1:a', outcome: { total: 1 } });
    expect(encounter(record, 'v2:b')).toEqual({ kind: 'finished', outcome: { total: 1 } });
    expect(encounter(finishedRecord({ fingerprint: 'v2:a' }), 'v2:b')).toMatchObject({ kind: 'mismatched' });
    expect(encounter(finishedRecord({ fingerprint: 'of one' }), 'of another')).toMatchObject({ kind: 'mismatched' });
  });
});
