import { testDatabase } from '@once/testing';
import { DataSource } from 'typeorm';
import { expect, it } from 'vitest';
import { CreateSaga1700000000030 } from '../src/index.js';

it('the migration makes this library’s tables and takes all of them away again', async () => {
  const database = await testDatabase();
  const source = new DataSource({ type: 'postgres', url: database.url, migrations: [CreateSaga1700000000030] });
  await source.initialize();
  const tables = async (): Promise<string[]> => {
    const rows: { tablename: string }[] = await source.query(
      `select tablename from pg_tables where schemaname = 'public' and tablename like 'saga%' order by tablename`,
    );
    return rows.map(({ tablename }) => tablename);
  };

  await source.runMigrations();
  expect(await tables()).toEqual(['saga', 'saga_timeline', 'saga_timeline_head']);
  expect(await source.runMigrations()).toEqual([]);
  await source.undoLastMigration();
  expect(await tables()).toEqual([]);

  await source.destroy();
  await database.close();
});
