import type { QueryRunner } from 'typeorm';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll } from 'vitest';
import { CreateIdempotencyEffect1700000000011, PostgresEffectStore, type SqlSession } from '../src/index.js';
import { effectStoreContract, type EffectStoreHarness } from '../src/testing/index.js';
import { depositsDatabase, type DepositsDatabase } from './deposits-database.js';

let database: DepositsDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  database = await depositsDatabase();
  await new CreateIdempotencyEffect1700000000011().up(database.pool as unknown as QueryRunner);
  dataSource = await new DataSource({ type: 'postgres', url: database.url }).initialize();
});
afterAll(async () => {
  await dataSource.destroy();
  await database.close();
});

async function openEffects(session: SqlSession): Promise<EffectStoreHarness> {
  await database.pool.query('truncate idempotency_record, idempotency_effect');
  return {
    store: new PostgresEffectStore(session),
    expire: async (key) => {
      await database.pool.query(
        `update idempotency_record set lease_expires_at = clock_timestamp() - interval '1 s'
          where key = $1 and lease_expires_at is not null`,
        [key],
      );
    },
  };
}

effectStoreContract('PostgresEffectStore on a pool of pg', () => openEffects(database.pool));
effectStoreContract('PostgresEffectStore on an EntityManager of TypeORM', () => openEffects(dataSource.manager));
