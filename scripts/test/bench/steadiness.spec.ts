import { describe, expect, it } from 'vitest';
import { judgeSteadiness } from '../../bench/steadiness.mjs';

interface Verdict {
  readonly what: string;
  readonly verdict: string;
}

const sample = (fields: { memory?: number; rows?: number; bytes?: number; keptRows?: number }): object => ({
  memory: { order: fields.memory ?? 100e6 },
  tables: [
    {
      service: 'order',
      table: 'idempotency_record',
      rows: fields.rows ?? 1_000,
      keptRows: fields.keptRows ?? 0,
      bytes: fields.bytes ?? 10e6,
    },
  ],
  cpuMs: 2,
});

const verdictsOn = (samples: readonly object[]): Record<string, string> =>
  Object.fromEntries((judgeSteadiness(samples) as Verdict[]).map(({ what, verdict }) => [what, verdict]));

const twelve = (sampleAt: (number: number) => object): object[] => Array.from({ length: 12 }, (_, n) => sampleAt(n));

describe('steadiness', () => {
  it('holds for a run that grows only while it warms up', () => {
    const verdicts = verdictsOn(twelve((n) => sample(n < 3 ? { memory: 10e6, rows: 10 } : {})));
    expect(new Set(Object.values(verdicts))).toEqual(new Set(['steady']));
  });

  it('is broken by memory that grows to the end', () => {
    expect(verdictsOn(twelve((n) => sample({ memory: 100e6 + n * 20e6 })))).toMatchObject({
      'memory of order, MB': 'GROWS',
      'order.idempotency_record, rows': 'steady',
    });
  });

  it('is broken by a table that nobody cleans up', () => {
    expect(verdictsOn(twelve((n) => sample({ rows: n * 1_000 })))['order.idempotency_record, rows']).toBe('GROWS');
  });

  it('tells apart a table that keeps rows by design', () => {
    const verdicts = verdictsOn(twelve((n) => sample({ bytes: n * 10e6, keptRows: n * 1_000 })));
    expect(verdicts['order.idempotency_record, MB']).toBe('grows with the orders');
  });

  it('does not take a few rows more for growth', () => {
    expect(verdictsOn(twelve((n) => sample({ rows: n })))['order.idempotency_record, rows']).toBe('steady');
  });
});
