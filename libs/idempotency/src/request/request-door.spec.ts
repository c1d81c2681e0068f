import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { finishedRecord, unfinishedRecord } from '../../test/records.js';
import type { NewRecord } from '../idempotency-record.js';
import { decideRequest, requestScope, type RequestWork } from './request-door.js';
import { BODY_BYTES_MAX, type StoredResponse } from './stored-response.js';

const DAY_MS = 86_400_000;
const request = { scope: 'demo POST /orders', key: 'k', fingerprint: 'v1:a' };
const response: StoredResponse = { status: 202, headers: { location: '/orders/1' }, body: '{"id":"1"}' };

const placing = (answered: StoredResponse = response): RequestWork<{ records: readonly NewRecord[] }> => ({
  perform: () => ({ response: answered, subject: 'order-1', change: (record) => ({ records: [record] }) }),
});
const untouched: RequestWork<never> = {
  perform: () => {
    throw new Error('performed');
  },
};

describe('decideRequest', () => {
  it('performs a request under a new key, with the record that carries its answer (draft-07 §2.5.2, §2.6)', () => {
    expect(decideRequest(null, request, DAY_MS, placing())).toEqual({
      kind: 'change',
      change: {
        records: [
          {
            scope: 'demo POST /orders',
            key: 'k',
            fingerprint: 'v1:a',
            subject: 'order-1',
            recoveryPoint: 'finished',
            outcome: response,
            retentionMs: DAY_MS,
          },
        ],
      },
      answer: { kind: 'response', response, isReplay: false },
    });
  });

  it.each([202, 402, 422])('repeats a stored answer of status %i and performs nothing (draft-07 §2.6)', (status) => {
    const outcome: StoredResponse = { ...response, status };
    const decision = decideRequest(finishedRecord({ outcome }), request, DAY_MS, untouched);
    expect(decision).toEqual({ kind: 'answer', answer: { kind: 'response', response: outcome, isReplay: true } });
  });

  it('refuses another request under a used key, again and again (draft-07 §2.7)', () => {
    const other = { ...request, fingerprint: 'v1:b' };
    for (const record of [
      finishedRecord({ outcome: response }),
      finishedRecord({ outcome: response, ageMs: DAY_MS }),
    ]) {
      expect(decideRequest(record, other, DAY_MS, untouched)).toEqual({
        kind: 'answer',
        answer: { kind: 'mismatched', isFinished: true },
      });
    }
  });

  it('repeats until the retention has passed, and not a millisecond longer (draft-07 §2.3)', () => {
    const aged = (ageMs: number) =>
      decideRequest(finishedRecord({ outcome: response, ageMs }), request, DAY_MS, untouched);
    expect(aged(DAY_MS)).toMatchObject({ answer: { kind: 'response', isReplay: true } });
    expect(aged(DAY_MS + 1)).toEqual({ kind: 'answer', answer: { kind: 'purged', location: '/orders/1' } });
  });

  it('names no location for a purged key whose answer had none', () => {
    const record = finishedRecord({ outcome: { ...response, headers: {} }, ageMs: DAY_MS + 1 });
    expect(decideRequest(record, request, DAY_MS, untouched)).toEqual({
      kind: 'answer',
      answer: { kind: 'purged', location: null },
    });
  });

  it('takes a record without an outcome as a mistake: an atomic request has both or neither', () => {
    expect(() => decideRequest(unfinishedRecord(), request, DAY_MS, untouched)).toThrow('has no outcome');
  });

  it('takes an outcome that is no answer as a mistake', () => {
    expect(() => decideRequest(finishedRecord({ outcome: { total: 1 } }), request, DAY_MS, untouched)).toThrow(
      TypeError,
    );
  });

  it.each([500, 503, 599])('sends an answer of %i, and commits neither it nor its change', (status) => {
    const failed: StoredResponse = { ...response, status };
    expect(decideRequest(null, request, DAY_MS, placing(failed))).toEqual({
      kind: 'answer',
      answer: { kind: 'response', response: failed, isReplay: false },
    });
  });

  it('stores no header but those that describe the answer, whatever the work adds', () => {
    const headers = { ...response.headers, 'set-cookie': 'session=secret', date: 'today' };
    const decision = decideRequest(null, request, DAY_MS, placing({ ...response, headers }));
    expect(decision).toMatchObject({ change: { records: [{ outcome: response }] } });
    expect(JSON.stringify(decision.kind === 'change' && decision.change)).not.toContain('secret');
  });

  it('refuses an answer that is too large to be kept, before anything is done', () => {
    const sized = (bytes: number) => placing({ ...response, body: 'é'.repeat(bytes / 2) });
    expect(decideRequest(null, request, DAY_MS, sized(BODY_BYTES_MAX)).kind).toBe('change');
    expect(() => decideRequest(null, request, DAY_MS, sized(BODY_BYTES_MAX + 2))).toThrow(RangeError);
  });
});

describe('requestScope', () => {
  it('has account, route and path parameters', () => {
    expect(requestScope('demo', 'POST /orders')).toBe('demo POST /orders');
    expect(requestScope('demo', 'POST /orders/{id}/cancel', ['7'])).toBe('demo POST /orders/{id}/cancel 7');
  });

  it('is never shared by two requests, however their accounts and parameters are written', () => {
    const part = fc.string({ unit: fc.constantFrom('a', ' ', '%', '%20', '\n', 'POST /x'), maxLength: 4 });
    const where = fc.tuple(part, fc.constantFrom('POST /x', 'POST /x/{y}'), fc.array(part, { maxLength: 3 }));
    fc.assert(
      fc.property(where, where, (left, right) => {
        expect(requestScope(...left) === requestScope(...right)).toBe(JSON.stringify(left) === JSON.stringify(right));
      }),
      { numRuns: 2_000 },
    );
  });
});
