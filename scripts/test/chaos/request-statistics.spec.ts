import { describe, expect, it } from 'vitest';
import { quantile, RequestStatistics } from '../../chaos/load/request-statistics.mjs';

const START = Date.parse('2026-01-02T03:04:05.000Z');
const at = (ms: number): string => new Date(START + ms).toISOString();
const post = (sentMs: number, endedMs: number, status: number | null, fields: object = {}): object => ({
  sent_at: at(sentMs),
  ended_at: at(endedMs),
  method: 'POST',
  path: '/orders',
  key: 'k-1',
  status,
  is_replay: false,
  ...fields,
});

const count = (...requests: readonly object[]): RequestStatistics => {
  const statistics = new RequestStatistics(START);
  for (const request of requests) statistics.add(request);
  return statistics;
};

describe('what customers saw', () => {
  it.each([
    [202, 'ok'],
    [200, 'ok'],
    [422, 'refused'],
    [410, 'refused'],
    [null, 'unknown'],
    [409, 'unknown'],
    [429, 'unknown'],
    [503, 'unknown'],
  ])('is, with %s, one of three outcomes: %s', (status, outcome) => {
    expect(count(post(0, 10, status)).totals).toMatchObject({ requests: 1, [outcome]: 1 });
  });

  it('tells a twin that waited for the first answer from a repeat that came later', () => {
    const replay = { is_replay: true };
    const { totals } = count(post(0, 100, 202), post(50, 120, 202, replay), post(200, 210, 202, replay));
    expect(totals).toMatchObject({ replays: 2, waited: 1 });
  });

  it('is sorted into the second in which it ended, with the latency of definite answers only', () => {
    const { seconds } = count(post(900, 1_100, 202), post(1_200, 1_300, null));
    expect(seconds).toEqual([
      { ok: 0, refused: 0, unknown: 0, accepted: 0, latencies: [] },
      { ok: 1, refused: 0, unknown: 1, accepted: 1, latencies: [200] },
    ]);
  });
});

describe('a quantile', () => {
  it('is a number that was there, and nothing of nothing', () => {
    expect([quantile([3, 1, 2], 0.5), quantile([1], 0.95), quantile([5, 1], 1)]).toEqual([2, 1, 5]);
    expect(quantile([], 0.5)).toBeNull();
  });
});
