import { Logger } from '@nestjs/common';
import { eventually, testDatabase, type TestDatabase } from '@once/testing';
import { Client } from 'pg';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { classifyDatabaseError } from '../src/database/database-error.js';
import { openDatabase } from '../src/database/open-database.js';
import { prepareConnection } from '../src/database/session-settings.js';
import { migrationLimits } from '../src/database/session-limits.js';

const LEASE_MS = 1_000;

Logger.overrideLogger(false);

describe('a session of an opened database', () => {
  let database: TestDatabase;
  let dataSource: DataSource;

  beforeAll(async () => {
    database = await testDatabase();
    dataSource = await openDatabase({
      url: database.url,
      applicationName: 'order-0',
      migrations: [],
      entities: [],
      poolSize: 3,
      leaseMs: LEASE_MS,
    });
  });
  afterAll(async () => {
    await dataSource.destroy();
    await database.close();
  });

  it('carries its name and all limits, each below half the lease', async () => {
    const settings = await dataSource.query(
      `select name, setting, unit from pg_settings
        where name in ('application_name', 'plan_cache_mode', 'lock_timeout', 'statement_timeout', 'transaction_timeout',
                       'idle_in_transaction_session_timeout')
        order by name`,
    );
    expect(settings).toEqual([
      { name: 'application_name', setting: 'order-0', unit: null },
      { name: 'idle_in_transaction_session_timeout', setting: '450', unit: 'ms' },
      { name: 'lock_timeout', setting: '200', unit: 'ms' },
      { name: 'plan_cache_mode', setting: 'force_generic_plan', unit: null },
      { name: 'statement_timeout', setting: '400', unit: 'ms' },
      { name: 'transaction_timeout', setting: '450', unit: 'ms' },
    ]);
  });

  it('loses its transaction at the server when its process stops in the middle', async () => {
    const stopped = dataSource.createQueryRunner();
    await stopped.startTransaction();
    await stopped.query('create table left_behind (id int)');
    expect(await openTransactions()).toHaveLength(1);
    await eventually(async () => expect(await openTransactions()).toEqual([]));
    const error: unknown = await stopped.query('select 1').catch((error: unknown) => error);
    expect(classifyDatabaseError(error)).toBe('connection');
    await stopped.release();
    expect(await dataSource.query(`select to_regclass('left_behind') as found`)).toEqual([{ found: null }]);
  });

  const openTransactions = (): Promise<unknown> =>
    dataSource.query(
      `select pid from pg_stat_activity where datname = current_database() and state = 'idle in transaction'`,
    );

  it('gives up a lock and a statement in time', async () => {
    const sleeping: unknown = await dataSource.query('select pg_sleep(5)').catch((error: unknown) => error);
    expect(classifyDatabaseError(sleeping)).toBe('retryable');
    const holder = dataSource.createQueryRunner();
    await holder.query('select pg_advisory_lock(7)');
    const waiting: unknown = await dataSource.query('select pg_advisory_lock(7)').catch((error: unknown) => error);
    expect(waiting).toMatchObject({ code: '55P03' });
    await holder.query('select pg_advisory_unlock(7)');
    await holder.release();
  });

  it('leaves out a setting that the server does not know', async () => {
    const client = new Client({ connectionString: database.url });
    await client.connect();
    const limits = { ...migrationLimits, timeout_of_a_later_postgres: 7 };
    await prepareConnection(client, limits);
    const { rows } = await client.query('show lock_timeout');
    expect(rows).toEqual([{ lock_timeout: '5min' }]);
    await client.end();
  });
});
