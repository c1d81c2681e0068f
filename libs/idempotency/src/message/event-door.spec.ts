import { describe, expect, it } from 'vitest';
import { finishedRecord } from '../../test/records.js';
import { decideEvent, type ArrivingEvent } from './event-door.js';

const DAY_MS = 86_400_000;
const event: ArrivingEvent = { id: 'evt_1', fingerprint: 'v1:a', subject: 'order-1', ageMs: 1_000 };
const change = (record: object) => ({ records: [record] });
const never = (): never => {
  throw new Error('counted');
};

describe('decideEvent', () => {
  it('counts an event the first time, with a record that is kept for the retention', () => {
    expect(decideEvent(null, event, 35 * DAY_MS, change)).toEqual({
      kind: 'change',
      change: {
        records: [
          {
            scope: 'event',
            key: 'evt_1',
            fingerprint: 'v1:a',
            subject: 'order-1',
            recoveryPoint: 'finished',
            outcome: {},
            retentionMs: 35 * DAY_MS,
          },
        ],
      },
      answer: { kind: 'counted' },
    });
  });

  it('lets nothing happen at a repeat, however late it comes', () => {
    for (const ageMs of [0, 34 * DAY_MS, 400 * DAY_MS]) {
      const decision = decideEvent(finishedRecord(), { ...event, ageMs }, 35 * DAY_MS, never);
      expect(decision).toEqual({ kind: 'answer', answer: { kind: 'repeated' } });
    }
  });

  it('tells of a known id with other business fields, and lets nothing happen', () => {
    const decision = decideEvent(finishedRecord(), { ...event, fingerprint: 'v1:b' }, 35 * DAY_MS, never);
    expect(decision).toEqual({ kind: 'answer', answer: { kind: 'mismatched' } });
  });

  it('counts no event whose first arrival may be forgotten: retention less a day of 35', () => {
    const aged = (ageMs: number) => decideEvent(null, { ...event, ageMs }, 35 * DAY_MS, change).answer;
    expect(aged(34 * DAY_MS)).toEqual({ kind: 'counted' });
    expect(aged(34 * DAY_MS + 1)).toEqual({ kind: 'too-old' });
  });
});
