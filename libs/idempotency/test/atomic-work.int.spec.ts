import type { Pool } from 'pg';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll } from 'vitest';
import { classifyPostgresError, type IdempotencyRecord, type RequestAnswer, type SqlSession } from '../src/index.js';
import { atomicWorkContract, type AtomicWorkHarness } from '../src/testing/index.js';
import { Deposits, depositsDatabase, type Deposit, type DepositsDatabase, type Member } from './deposits-database.js';
import { depositing } from './depositing.js';

let database: DepositsDatabase;
let pool: Pool;
let dataSource: DataSource;

beforeAll(async () => {
  database = await depositsDatabase();
  pool = database.pool;
  dataSource = await new DataSource({ type: 'postgres', url: database.url }).initialize();
});
afterAll(async () => {
  await dataSource.destroy();
  await database.close();
});

async function openDeposits(
  session: SqlSession,
): Promise<AtomicWorkHarness<Deposit, IdempotencyRecord | null, Member, RequestAnswer>> {
  await pool.query('truncate idempotency_record, deposit');
  let replicas = 0;
  return {
    ...depositing,
    work: () => new Deposits(session, `replica-${(replicas += 1)}`),
    classify: classifyPostgresError,
    effectsOf: (key) => database.depositsOf(key),
  };
}

atomicWorkContract('a commit made of the fragments, on a pool of pg', () => openDeposits(pool));
atomicWorkContract('a commit made of the fragments, on a DataSource of TypeORM', () => openDeposits(dataSource));
atomicWorkContract('a commit made of the fragments, on an EntityManager of TypeORM', () =>
  openDeposits(dataSource.manager),
);
