import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Pool } from 'pg';
import { DataSource } from 'typeorm';
import { PostgresLeaseStore, type Lease, type SqlSession } from '../src/index.js';
import {
  commit,
  depositsDatabase,
  intended,
  poolOf,
  SCOPE,
  untilSomebodyWaits,
  whileOpen,
  type DepositsDatabase,
} from './deposits-database.js';
import { leaseStoreContract, type LeaseStoreHarness } from '../src/testing/index.js';

let database: DepositsDatabase;
let pool: Pool;
/** Sessions that fail rather than wait for a lock. */
let impatient: Pool;
let dataSource: DataSource;

beforeAll(async () => {
  database = await depositsDatabase();
  pool = database.pool;
  impatient = poolOf(database.url, ['lock_timeout=1']);
  dataSource = await new DataSource({ type: 'postgres', url: database.url }).initialize();
});
afterAll(async () => {
  await dataSource.destroy();
  await impatient.end();
  await database.close();
});

async function openRecords(session: SqlSession = pool): Promise<LeaseStoreHarness> {
  await pool.query('truncate idempotency_record');
  const claim = async (key: string, scope: string): Promise<Lease> => {
    const record = intended(key, 3_600_000, { scope });
    await commit(pool, { records: [record] });
    return { scope, key, subject: record.subject, token: 1 };
  };
  return {
    store: new PostgresLeaseStore(session, SCOPE),
    claimed: (key) => claim(key, SCOPE),
    claimedElsewhere: (key) => claim(key, 'elsewhere'),
    age: async (key, expiredMsAgo) => {
      await pool.query(
        `update idempotency_record set lease_expires_at = clock_timestamp() - make_interval(secs => $2 / 1000.0)
          where key = $1`,
        [key, expiredMsAgo],
      );
    },
    finish: async (key) => {
      await commit(pool, { completions: [{ scope: SCOPE, key, outcome: { answer: 42 } }] });
    },
  };
}

leaseStoreContract('PostgresLeaseStore on a pool of pg', () => openRecords(pool));
leaseStoreContract('PostgresLeaseStore on a DataSource of TypeORM', () => openRecords(dataSource));
leaseStoreContract('PostgresLeaseStore on an EntityManager of TypeORM', () => openRecords(dataSource.manager));

describe('PostgresLeaseStore', () => {
  let records: LeaseStoreHarness;

  beforeEach(async () => {
    records = await openRecords();
  });

  it('does not wait for a record that another rescuer is claiming', async () => {
    await records.claimed('a');
    const free = await records.claimed('b');
    await records.age('a', 2_000);
    await records.age('b', 1_000);
    await whileOpen(
      pool,
      (other) => new PostgresLeaseStore(other, SCOPE).takeOver('other', 1_000, 1),
      async () => {
        const taken = await new PostgresLeaseStore(impatient, SCOPE).takeOver('rescuer', 1_000, 10);
        expect(taken).toEqual([{ ...free, token: 2 }]);
      },
    );
  });

  it('names the holder, for whoever looks at the table', async () => {
    await records.claimed('a');
    await records.age('a', 1_000);
    await records.store.takeOver('payment-1', 1_000, 1);
    const { rows } = await pool.query('select leased_by, lease_token::int from idempotency_record');
    expect(rows).toEqual([{ leased_by: 'payment-1', lease_token: 2 }]);
  });

  it('waits for other statements on the same records in one order, so never in a circle', async () => {
    const [a, b] = [await records.claimed('a'), await records.claimed('b')];
    const completions = [b, a].map(({ scope, key }) => ({ scope, key, outcome: { answer: 42 } }));
    await whileOpen(
      impatient,
      (other) => other.query(`select from idempotency_record where key = 'a' for update`),
      async (other) => {
        const both = Promise.all([records.store.renew([b, a], 1_000), commit(pool, { completions })]);
        await untilSomebodyWaits(pool);
        const bIsFree = other.query(`select from idempotency_record where key = 'b' for update`);
        await expect(bIsFree, 'neither holds b while it waits for a').resolves.toBeDefined();
        await other.query('commit');
        await both;
      },
    );
  });

  it('reads no more of the table than what has expired', async () => {
    await pool.query(`
      insert into idempotency_record (scope, key, fingerprint, subject, recovery_point, lease_token, lease_expires_at)
      select '${SCOPE}', 'k' || n, 'v1:a', 's', 'intended', 1, clock_timestamp() + interval '1 hour'
        from generate_series(1, 20000) n`);
    await pool.query('analyze idempotency_record');
    await records.claimed('late');
    await records.age('late', 1_000);
    const explained: string[] = [];
    const explaining = {
      query: async (text: string, values: unknown[] = []) => {
        const { rows } = await pool.query<{ 'QUERY PLAN': string }>(`explain (analyze, buffers) ${text}`, values);
        explained.push(...rows.map((row) => row['QUERY PLAN']));
        return { rows: [] };
      },
    };
    await new PostgresLeaseStore(explaining, SCOPE).takeOver('rescuer', 1_000, 10);
    const plan = explained.join('\n');
    expect(plan).toContain('idempotency_record_leased');
    expect(plan).not.toContain('Rows Removed by Filter');
    expect(plan).not.toContain('Seq Scan on idempotency_record');
  });
});
