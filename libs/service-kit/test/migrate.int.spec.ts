import { Logger } from '@nestjs/common';
import { testDatabase, type TestDatabase } from '@once/testing';
import { Client } from 'pg';
import type { DataSource } from 'typeorm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../src/database/open-database.js';
import type { DatabaseOptions } from '../src/database/data-source-options.js';
import {
  AddBrokenColumn1700000000002,
  AddGlaze1700000000001,
  CreateMug1700000000000,
  EndOwnSession1700000000003,
} from './sample-migrations.js';

const STARTS = 20;
const REPLICAS = 3;

Logger.overrideLogger(false);

describe('migrations', () => {
  let database: TestDatabase;
  const opened: DataSource[] = [];

  beforeEach(async () => {
    database = await testDatabase();
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((dataSource) => dataSource.destroy()));
    await database.close();
  });

  async function open(options: Partial<DatabaseOptions> = {}): Promise<DataSource> {
    const dataSource = await openDatabase({
      url: database.url,
      applicationName: 'migrate-test',
      migrations: [CreateMug1700000000000, AddGlaze1700000000001],
      entities: [],
      poolSize: 2,
      leaseMs: 30_000,
      ...options,
    });
    opened.push(dataSource);
    return dataSource;
  }

  const appliedTo = async (dataSource: DataSource): Promise<unknown> =>
    dataSource.query('select name, count(*)::int as times from migration group by name order by name');

  const eachOnce = [
    { name: 'AddGlaze1700000000001', times: 1 },
    { name: 'CreateMug1700000000000', times: 1 },
  ];

  it('runs migrations once when replicas start together', async () => {
    const replicas = await Promise.all(Array.from({ length: REPLICAS }, () => open()));
    for (const replica of replicas) expect(await appliedTo(replica)).toEqual(eachOnce);
  });

  it('leaves one schema after twenty concurrent starts of three replicas on an empty database', async () => {
    for (let start = 0; start < STARTS; start += 1) {
      const empty = await testDatabase();
      const replicas = await Promise.all(Array.from({ length: REPLICAS }, () => open({ url: empty.url })));
      for (const replica of replicas) expect(await appliedTo(replica)).toEqual(eachOnce);
      await Promise.all(opened.splice(0).map((dataSource) => dataSource.destroy()));
      await empty.close();
    }
  }, 120_000);

  it('changes nothing the second time', async () => {
    await open();
    expect(await appliedTo(await open())).toEqual(eachOnce);
  });

  it('waits for another replica longer than an ordinary session may wait for a lock', async () => {
    const other = new Client({ connectionString: database.url });
    await other.connect();
    await other.query(`select pg_advisory_lock(hashtextextended('once:migrations', 0))`);
    // With this lease an ordinary session waits 20 ms for a lock and 40 ms for a statement.
    const opening = open({ leaseMs: 100 });
    await other.query('select pg_sleep(0.5)');
    expect((await other.query(`select to_regclass('mug') as mug`)).rows).toEqual([{ mug: null }]);
    await other.end();
    expect(await appliedTo(await opening)).toEqual(eachOnce);
  });

  it('keeps the migrations before a broken one and nothing of the broken one', async () => {
    const migrations = [CreateMug1700000000000, AddGlaze1700000000001, AddBrokenColumn1700000000002];
    await expect(open({ migrations })).rejects.toThrow('relation "cup" does not exist');
    const dataSource = await open();
    expect(await appliedTo(dataSource)).toEqual(eachOnce);
    const columns = await dataSource.query(
      `select column_name from information_schema.columns where table_name = 'mug'`,
    );
    expect(columns).toHaveLength(3);
  });

  it('are continued when the server ends the session in their middle', async () => {
    const migrations = [CreateMug1700000000000, AddGlaze1700000000001, EndOwnSession1700000000003];
    expect(await appliedTo(await open({ migrations }))).toEqual([
      ...eachOnce,
      { name: 'EndOwnSession1700000000003', times: 1 },
    ]);
    expect(EndOwnSession1700000000003.endings).toBe(1);
  });
});
