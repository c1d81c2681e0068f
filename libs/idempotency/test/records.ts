import { FINISHED, INTENDED, type IdempotencyRecord } from '../src/index.js';

/** Records as a database gives them back. */
export function unfinishedRecord(fields: Partial<IdempotencyRecord> = {}): IdempotencyRecord {
  return {
    scope: 'scope',
    key: 'key',
    fingerprint: 'v1:a',
    subject: 'subject',
    recoveryPoint: INTENDED,
    leaseToken: 1,
    isLeaseLive: true,
    ageMs: 0,
    outcome: null,
    ...fields,
  };
}

export function finishedRecord(fields: Partial<IdempotencyRecord> = {}): IdempotencyRecord {
  return unfinishedRecord({ recoveryPoint: FINISHED, leaseToken: 0, isLeaseLive: false, outcome: {}, ...fields });
}
