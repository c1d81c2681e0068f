import { Logger } from '@nestjs/common';
import { eventually, testDatabase, type TestDatabase } from '@once/testing';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DatabaseOptions } from '../src/database/data-source-options.js';
import { classifyDatabaseError } from '../src/database/database-error.js';
import { openDatabase } from '../src/database/open-database.js';
import { pgSession, type PgSession } from '../src/database/pg-session.js';
import { rowsOf } from '../src/database/sql-session.js';
import { openProxy } from './proxy.js';
import { CreateMug1700000000000 } from './sample-migrations.js';

Logger.overrideLogger(false);

describe('pgSession', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  let session: PgSession;
  // A pool of one, so that every statement meets what the one before it left on the connection.
  let options: DatabaseOptions = {
    url: '',
    applicationName: 'pg-session-test',
    migrations: [CreateMug1700000000000],
    entities: [],
    poolSize: 1,
    leaseMs: 10_000,
  };

  beforeAll(async () => {
    database = await testDatabase();
    options = { ...options, url: database.url };
    dataSource = await openDatabase(options);
    session = pgSession(dataSource);
  });
  afterAll(async () => {
    await dataSource.destroy();
    await database.close();
  });

  const errorOf = (statement: Promise<unknown>): Promise<unknown> =>
    statement.then(
      () => undefined,
      (error: unknown) => error,
    );
  const backend = async (): Promise<unknown> =>
    rowsOf<{ pid: number }>(await session.query('select pg_backend_pid() as pid'))[0]?.pid;

  it('gives the rows of a statement with values', async () => {
    await session.query('insert into mug (colour) values ($1), ($2)', ['red', 'blue']);
    expect(
      rowsOf(await session.query('select colour from mug where colour = any($1) order by colour', [['red', 'blue']])),
    ).toEqual([{ colour: 'blue' }, { colour: 'red' }]);
  });

  it('prepares a text once per connection, however often it is sent', async () => {
    const text = 'select count(*)::int as mugs from mug where colour <> $1';
    for (const colour of ['green', 'brown', 'black']) await session.query(text, [colour]);
    const prepared = await session.query(
      'select statement, generic_plans::int, custom_plans::int from pg_prepared_statements where statement = $1',
      [text],
    );
    expect(rowsOf(prepared)).toEqual([{ statement: text, generic_plans: 3, custom_plans: 0 }]);
  });

  it('keeps the connection after a refusal of the server', async () => {
    const before = await backend();
    await session.query(`insert into mug (colour) values ('white')`);
    const error = await errorOf(session.query(`insert into mug (colour) values ('white')`));
    expect(classifyDatabaseError(error)).toBe('retryable');
    expect(await backend()).toBe(before);
  });

  it('replaces a connection that was ended, whose statement has an unknown outcome', async () => {
    const before = await backend();
    const error = await errorOf(session.query('select pg_terminate_backend(pg_backend_pid())'));
    expect(classifyDatabaseError(error)).toBe('connection');
    expect(await backend()).not.toBe(before);
  });

  it('survives a connection that is reset in the middle of a statement', async () => {
    const proxy = await openProxy(database.url);
    const behindProxy = await openDatabase({ ...options, url: proxy.url });
    const sleeping = errorOf(pgSession(behindProxy).query('select pg_sleep(5)'));
    await eventually(async () => {
      const running = await dataSource.query(
        `select 1 from pg_stat_activity where query = 'select pg_sleep(5)' and state = 'active'`,
      );
      expect(running).toHaveLength(1);
    });
    proxy.resetAll();
    expect(classifyDatabaseError(await sleeping)).toBe('connection');
    expect(rowsOf(await pgSession(behindProxy).query('select 1 as one'))).toEqual([{ one: 1 }]);
    await behindProxy.destroy();
    await proxy.close();
  });

  it('recovers from a migration that changes what a prepared statement returns', async () => {
    await session.query('select * from mug');
    await dataSource.query('alter table mug add column size int');
    expect(classifyDatabaseError(await errorOf(session.query('select * from mug')))).toBe('retryable');
    expect(rowsOf(await session.query('select * from mug'))[0]).toHaveProperty('size');
  });

  it('returns every connection to the pool', async () => {
    await Promise.allSettled(
      Array.from({ length: 30 }, (_unused, index) => session.query(index % 3 === 0 ? 'select 1/0' : 'select 1')),
    );
    expect(await backend()).toBeTypeOf('number');
  });
});
