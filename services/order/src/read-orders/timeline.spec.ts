import { describe, expect, it } from 'vitest';
import { renderTimeline, type TimelineLine } from './timeline.js';

const line = (fields: Partial<TimelineLine>): TimelineLine => ({
  seq: 1,
  at: '2026-01-02T03:04:05.678Z',
  service: 'order',
  replica: '0',
  saga: 'checkout',
  step: null,
  direction: null,
  generation: null,
  attempt: null,
  event: 'started',
  outcome: null,
  messageId: null,
  cause: null,
  traceId: null,
  detail: null,
  ...fields,
});

describe('a timeline in a terminal', () => {
  it('is one aligned line for each event, with nothing behind its last word', () => {
    const text = renderTimeline([
      line({}),
      line({ seq: 2, event: 'sent', step: 'authorise-payment', direction: 'action', attempt: 1 }),
      line({ seq: 3, event: 'sent', step: 'authorise-payment', direction: 'action', attempt: 2 }),
      line({
        seq: 4,
        event: 'replied',
        step: 'authorise-payment',
        outcome: 'refused',
        detail: { reason: 'card_declined' },
      }),
      line({ seq: 10, event: 'executed', step: 'reserve-stock', direction: 'compensation', outcome: 'ok' }),
    ]);
    expect(text).toBe(
      [
        '1   03:04:05.678  started',
        '2   03:04:05.678  sent      authorise-payment',
        '3   03:04:05.678  sent      authorise-payment     attempt 2',
        '4   03:04:05.678  replied   authorise-payment                refused  card_declined',
        '10  03:04:05.678  executed  reserve-stock (undo)             ok',
        '',
      ].join('\n'),
    );
  });

  it('is empty when nothing has happened', () => {
    expect(renderTimeline([])).toBe('');
  });

  it.each([null, 'text', 7, { other: 1 }, { reason: 7 }])('has no reason where the detail is %j', (detail) => {
    expect(renderTimeline([line({ detail })])).toBe('1  03:04:05.678  started\n');
  });
});
