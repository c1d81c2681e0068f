import type { Pool } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { PostgresRecordReaper } from '../src/index.js';
import {
  commit,
  depositsDatabase,
  findRecord,
  finished,
  intended,
  poolOf,
  SCOPE,
  whileOpen,
  type DepositsDatabase,
} from './deposits-database.js';

const HOUR_MS = 3_600_000;

describe('PostgresRecordReaper', () => {
  let database: DepositsDatabase;
  let pool: Pool;

  beforeAll(async () => {
    database = await depositsDatabase();
    pool = database.pool;
  });
  beforeEach(async () => {
    await pool.query('truncate idempotency_record, deposit');
  });
  afterAll(async () => {
    await database.close();
  });

  const reap = (batchMax = 100) => new PostgresRecordReaper(pool, batchMax).runOnce();
  /** Lets everything that the table knows have happened that much earlier. */
  const age = (hours: number) =>
    pool.query(
      `update idempotency_record
          set created_at = created_at - make_interval(hours => $1), finished_at = finished_at - make_interval(hours => $1),
              lease_expires_at = lease_expires_at - make_interval(hours => $1),
              keep_until = keep_until - make_interval(hours => $1)`,
      [hours],
    );
  const keys = async (): Promise<readonly string[]> => {
    const { rows } = await pool.query<{ key: string }>('select key from idempotency_record order by key');
    return rows.map(({ key }) => key);
  };

  it('deletes what is past its own retention, and nothing else (draft-07 §2.5.2)', async () => {
    await commit(
      pool,
      { records: [finished('a', { retentionMs: 24 * HOUR_MS })] },
      { records: [finished('b', { scope: 'event', retentionMs: 35 * 24 * HOUR_MS })] },
      { records: [finished('c', { scope: 'step' })] },
    );
    expect(await reap()).toEqual({ deleted: 0 });
    await age(25);
    expect(await reap()).toEqual({ deleted: 1 });
    expect(await keys()).toEqual(['b', 'c']);
    await age(35 * 24);
    expect(await reap()).toEqual({ deleted: 1 });
    await age(10_000);
    expect(await reap()).toEqual({ deleted: 0 });
    expect(await keys()).toEqual(['c']);
  });

  it('never touches unfinished work, however old it is', async () => {
    await commit(pool, { records: [intended('a', HOUR_MS, { retentionMs: HOUR_MS })] });
    await age(10_000);
    expect(await reap()).toEqual({ deleted: 0 });
    expect(await findRecord(pool, SCOPE, 'a')).toMatchObject({ outcome: null });
  });

  it('keeps work for its retention from the day on which it was finished', async () => {
    await commit(pool, { records: [intended('a', HOUR_MS, { retentionMs: 24 * HOUR_MS })] });
    await age(10_000);
    await commit(pool, { completions: [{ scope: SCOPE, key: 'a', outcome: { answer: 42 } }] });
    await age(23);
    expect(await reap()).toEqual({ deleted: 0 });
    await age(2);
    expect(await reap()).toEqual({ deleted: 1 });
  });

  it('keeps to its bound, and takes what has waited longest first', async () => {
    for (const key of ['a', 'b', 'c']) {
      await commit(pool, { records: [finished(key, { retentionMs: HOUR_MS })] });
      await age(2);
    }
    expect(await reap(2)).toEqual({ deleted: 2 });
    expect(await keys()).toEqual(['c']);
  });

  it('drains whatever has come together, in bounded passes, until it is told to stop', async () => {
    const records = Array.from({ length: 25 }, (_, index) => finished(`k${index}`, { retentionMs: HOUR_MS }));
    await commit(pool, { records });
    await age(2);
    const reaper = new PostgresRecordReaper(pool, 10);
    const passes = vi.spyOn(reaper, 'runOnce');
    expect(await reaper.drain(AbortSignal.abort())).toEqual({ deleted: 10 });
    expect(await reaper.drain(new AbortController().signal)).toEqual({ deleted: 15 });
    expect(await Promise.all(passes.mock.results.map(({ value }) => value as unknown))).toEqual(
      [10, 10, 5].map((deleted) => ({ deleted })),
    );
  });

  it('shares the work with the reapers of other replicas and waits for none', async () => {
    const records = Array.from({ length: 30 }, (_, index) => ({
      records: [finished(`k${index}`, { retentionMs: HOUR_MS })],
    }));
    await commit(pool, ...records);
    await age(2);
    const impatient = poolOf(database.url, ['lock_timeout=1']);
    await whileOpen(
      pool,
      (other) => new PostgresRecordReaper(other, 10).runOnce(),
      async (other) => {
        expect(await new PostgresRecordReaper(impatient, 100).runOnce()).toEqual({ deleted: 20 });
        await other.query('commit');
      },
    );
    await impatient.end();
    expect(await keys()).toEqual([]);
  });

  it('finds its work by an index, however much is kept', async () => {
    await pool.query(`
      insert into idempotency_record
             (scope, key, fingerprint, subject, recovery_point, outcome, finished_at, retention_ms, keep_until)
      select '${SCOPE}', 'k' || n, 'v1:a', 's', 'finished', '{}', clock_timestamp(), 1000,
             clock_timestamp() + interval '1 hour'
        from generate_series(1, 20000) n`);
    await pool.query('analyze idempotency_record');
    const plans: string[] = [];
    const explaining = {
      query: async (text: string, values: unknown[] = []) => {
        const { rows } = await pool.query<{ 'QUERY PLAN': string }>(`explain (analyze) ${text}`, values);
        plans.push(rows.map((row) => row['QUERY PLAN']).join('\n'));
        return { rows: [] };
      },
    };
    await new PostgresRecordReaper(explaining, 100).runOnce();
    expect(plans.join('\n')).toContain('idempotency_record_to_reap');
    expect(plans.join('\n')).not.toContain('Seq Scan on idempotency_record');
  });
});
