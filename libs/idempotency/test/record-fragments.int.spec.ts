import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Pool } from 'pg';
import {
  COMMIT,
  commit,
  commitStatement,
  depositsDatabase,
  findRecord,
  finished,
  intended,
  poolOf,
  SCOPE,
  toJson,
  untilSomebodyWaits,
  whileOpen,
  type DepositsDatabase,
} from './deposits-database.js';

describe('a commit statement made of the fragments', () => {
  let database: DepositsDatabase;
  let pool: Pool;
  /** Sessions that fail rather than wait for a lock. */
  let impatient: Pool;

  beforeAll(async () => {
    database = await depositsDatabase();
    pool = database.pool;
    impatient = poolOf(database.url, ['lock_timeout=1']);
  });
  beforeEach(async () => {
    await pool.query('truncate idempotency_record, deposit');
  });
  afterAll(async () => {
    await impatient.end();
    await database.close();
  });

  describe('inserts records', () => {
    it('together with the changes that they stand for', async () => {
      expect(await commit(pool, { amount: 5, records: [finished('a')] })).toEqual([0]);
      expect(await database.depositsOf('a')).toBe(1);
      expect(await findRecord(pool, SCOPE, 'a')).toEqual({
        scope: SCOPE,
        key: 'a',
        fingerprint: 'v1:a',
        subject: 'subject of a',
        recoveryPoint: 'finished',
        leaseToken: 0,
        isLeaseLive: false,
        ageMs: expect.any(Number),
        outcome: { answer: 42 },
      });
    });

    it('with a lease for work that is not finished by this statement', async () => {
      await commit(pool, { records: [intended('a', 60_000)] });
      expect(await findRecord(pool, SCOPE, 'a')).toMatchObject({
        recoveryPoint: 'intended',
        leaseToken: 1,
        isLeaseLive: true,
        outcome: null,
      });
      const { rows } = await pool.query(
        'select leased_by, lease_expires_at - created_at as lease from idempotency_record',
      );
      expect(rows).toEqual([{ leased_by: 'first', lease: expect.objectContaining({ seconds: 59 }) }]);
    });

    it('none, and changes nothing, for a member whose record exists', async () => {
      await commit(pool, { amount: 5, records: [finished('a')] });
      const other = finished('a', { fingerprint: 'v1:b', outcome: { answer: 43 } });
      expect(await commit(pool, { amount: 7, records: [other] }, { amount: 5, records: [finished('b')] })).toEqual([1]);
      expect(await database.depositsOf('a')).toBe(1);
      expect(await findRecord(pool, SCOPE, 'a')).toMatchObject({ fingerprint: 'v1:a', outcome: { answer: 42 } });
    });

    it('of a member wholly or not at all', async () => {
      await commit(pool, { records: [finished('a')] });
      expect(await commit(pool, { amount: 5, records: [finished('b'), finished('a')] })).toEqual([]);
      expect(await findRecord(pool, SCOPE, 'b')).toBeNull();
      expect(await commit(pool, { amount: 5, records: [finished('b'), finished('c')] })).toEqual([0]);
    });

    it('of the same key under another scope as another record', async () => {
      await commit(pool, { records: [finished('a')] });
      expect(await commit(pool, { records: [finished('a', { scope: 'acme POST /deposits' })] })).toEqual([0]);
    });

    it('and applies members that carry none', async () => {
      expect(await commit(pool, { records: [] }, {})).toEqual([0, 1]);
    });

    it.each([
      ['quotes', `it's "so"`],
      ['SQL', `'; drop table deposit; --`],
      ['wildcards', '%_\\'],
      ['format characters', '%s $1 {0}'],
    ])('whose keys have %s as they are', async (_what, key) => {
      expect(await commit(pool, { records: [finished(key)] })).toEqual([0]);
      expect(await commit(pool, { records: [finished(key)] })).toEqual([]);
      expect(await findRecord(pool, SCOPE, key)).toMatchObject({ key });
    });

    it('refused by the table when they claim to be finished without an outcome, or the reverse', async () => {
      const check = 'finished_or_without_outcome';
      const { outcome: _, ...withoutOutcome } = finished('a');
      await expect(commit(pool, { records: [withoutOutcome] })).rejects.toMatchObject({ constraint: check });
      const early = { ...intended('a'), outcome: { answer: 42 } };
      await expect(commit(pool, { records: [early] })).rejects.toMatchObject({ constraint: check });
    });

    it('refused by the table when nobody could ever take them over', async () => {
      const { lease: _, ...withoutLease } = intended('a');
      await expect(commit(pool, { records: [withoutLease] })).rejects.toMatchObject({
        constraint: 'unfinished_work_has_a_lease',
      });
    });
  });

  describe('meeting a twin', () => {
    it('that is uncommitted elsewhere sets it aside at once and applies the others', async () => {
      await whileOpen(
        pool,
        (session) => commit(session, { amount: 5, records: [finished('a')] }),
        async (session) => {
          const batch = [
            { records: [finished('b')] },
            { amount: 5, records: [finished('a')] },
            { records: [finished('c')] },
          ];
          expect(await commit(impatient, ...batch)).toEqual([0, 2]);
          await session.query('commit');
        },
      );
      expect(await database.depositsOf('a')).toBe(1);
    });

    it('that rolled back takes its place', async () => {
      await whileOpen(
        pool,
        (session) => commit(session, { amount: 5, records: [finished('a')] }),
        async (session) => {
          await session.query('rollback');
          expect(await commit(impatient, { amount: 5, records: [finished('a')] })).toEqual([0]);
        },
      );
      expect(await database.depositsOf('a')).toBe(1);
    });

    it('that committed after the snapshot violates the primary key, which undoes the whole statement', async () => {
      // The statement has its snapshot and waits for an advisory lock of the test before it looks at any key.
      const LATCH = 4_711;
      const waiting = commitStatement(
        `(select pg_advisory_xact_lock(${LATCH})) as latch, lateral jsonb_to_recordset($1::jsonb)`,
      );
      const members = toJson([
        { amount: 5, records: [finished('a')] },
        { amount: 5, records: [finished('b')] },
      ]);
      const holder = await pool.connect();
      await holder.query('select pg_advisory_lock($1)', [LATCH]);
      const late = pool.query(waiting, [members]).then(
        () => 'applied',
        (error: unknown) => error,
      );
      await untilSomebodyWaits(pool);
      await commit(pool, { amount: 5, records: [finished('a')] });
      await holder.query('select pg_advisory_unlock($1)', [LATCH]);
      holder.release();

      expect(await late).toMatchObject({ code: '23505', constraint: 'one_record_per_operation' });
      expect(await database.depositsOf('a')).toBe(1);
      expect(await database.depositsOf('b')).toBe(0);
    });

    it('in its own batch is refused by the primary key as well', async () => {
      const twins = [
        { amount: 5, records: [finished('a')] },
        { amount: 5, records: [finished('a')] },
      ];
      await expect(commit(pool, ...twins)).rejects.toMatchObject({ code: '23505' });
      expect(await database.depositsOf('a')).toBe(0);
    });
  });

  describe('completes records', () => {
    const completed = (answer: number) => ({ completions: [{ scope: SCOPE, key: 'a', outcome: { answer } }] });

    it('once: the first outcome stays', async () => {
      await commit(pool, { records: [intended('a')] });
      await commit(pool, completed(1));
      await commit(pool, completed(2));
      expect(await findRecord(pool, SCOPE, 'a')).toMatchObject({
        recoveryPoint: 'finished',
        isLeaseLive: false,
        outcome: { answer: 1 },
      });
    });

    it('once even when two observers complete at the same time', async () => {
      await commit(pool, { records: [intended('a')] });
      await whileOpen(
        pool,
        (session) => commit(session, completed(1)),
        async (session) => {
          const late = commit(pool, completed(2));
          await untilSomebodyWaits(pool);
          await session.query('commit');
          await late;
        },
      );
      expect(await findRecord(pool, SCOPE, 'a')).toMatchObject({ outcome: { answer: 1 } });
    });

    it('whoever holds the lease: what was observed outside counts', async () => {
      await commit(pool, { records: [intended('a')] });
      await pool.query(`update idempotency_record set lease_token = 7, leased_by = 'another'`);
      await commit(pool, completed(1));
      expect(await findRecord(pool, SCOPE, 'a')).toMatchObject({ leaseToken: 7, outcome: { answer: 1 } });
    });

    it('of other operations in the statement that records its own', async () => {
      await commit(pool, { records: [intended('a')] });
      await commit(pool, { records: [finished('b')], ...completed(1) });
      expect(await findRecord(pool, SCOPE, 'a')).toMatchObject({ outcome: { answer: 1 } });
    });

    it('never without their member', async () => {
      await commit(pool, { records: [intended('a')] });
      await commit(pool, { records: [finished('b')] });
      expect(await commit(pool, { records: [finished('b')], ...completed(1) })).toEqual([]);
      expect(await findRecord(pool, SCOPE, 'a')).toMatchObject({ outcome: null });
    });
  });

  it('reads the age of a record and the life of its lease by the clock of the database', async () => {
    await commit(pool, { records: [intended('a', 1_000)] });
    await pool.query(`update idempotency_record set created_at = created_at - interval '1 hour',
                                                    lease_expires_at = lease_expires_at - interval '2 seconds'`);
    const record = await findRecord(pool, SCOPE, 'a');
    expect(record).toMatchObject({ isLeaseLive: false });
    expect(record?.ageMs).toBeGreaterThanOrEqual(3_600_000);
    expect(record?.ageMs).toBeLessThan(3_660_000);
  });

  it('needs no more than the table’s primary key to find records, however many there are', async () => {
    await pool.query(`
      insert into idempotency_record (scope, key, fingerprint, subject, recovery_point, outcome, finished_at)
      select '${SCOPE}', 'k' || n, 'v1:a', 's', 'finished', jsonb_build_object('answer', repeat('x', 1000)), clock_timestamp()
        from generate_series(1, 100000) n`);
    await pool.query('analyze idempotency_record');
    const batch = toJson(Array.from({ length: 50 }, (_, index) => ({ records: [finished(`new${index}`)] })));
    const { rows } = await pool.query<{ 'QUERY PLAN': string }>(`explain ${COMMIT.replace('$1', `'${batch}'`)}`);
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    expect(plan).toContain('one_record_per_operation');
    expect(plan).not.toContain('Seq Scan on idempotency_record');
  });
});
