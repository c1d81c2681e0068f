import { Logger } from '@nestjs/common';
import { testDatabase, type TestDatabase } from '@once/testing';
import type { DataSource } from 'typeorm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../src/database/open-database.js';
import { databaseIndicator } from '../src/health/database-indicator.js';
import { HealthRegistry } from '../src/health/health-registry.js';
import { openProxy, type Proxy } from './proxy.js';
import { AddGlaze1700000000001, CreateMug1700000000000 } from './sample-migrations.js';

Logger.overrideLogger(false);

describe('the readiness of a database', () => {
  let database: TestDatabase;
  let proxy: Proxy;
  let dataSource: DataSource;
  let health: HealthRegistry;

  beforeEach(async () => {
    database = await testDatabase();
    proxy = await openProxy(database.url);
    dataSource = await openDatabase({
      url: proxy.url,
      applicationName: 'health-test',
      migrations: [CreateMug1700000000000, AddGlaze1700000000001],
      entities: [],
      poolSize: 1,
      leaseMs: 30_000,
    });
    health = new HealthRegistry();
    health.register(databaseIndicator(dataSource));
  });
  afterEach(async () => {
    await dataSource.destroy();
    await proxy.close();
    await database.close();
  });

  it('is up once the database answers and is migrated', async () => {
    expect(await health.check()).toEqual({ isReady: true, checks: { database: { status: 'up' } } });
  });

  it('is down while a migration of this process is missing', async () => {
    await dataSource.query(`delete from migration where name = 'AddGlaze1700000000001'`);
    expect(await health.check()).toEqual({
      isReady: false,
      checks: { database: { status: 'down', missingMigrations: ['AddGlaze1700000000001'] } },
    });
  });

  it('is down while the database is away, and up again by itself', async () => {
    await proxy.interrupt();
    expect(await health.check()).toMatchObject({ isReady: false, checks: { database: { status: 'down' } } });
    await proxy.resume();
    expect(await health.check()).toMatchObject({ isReady: true });
  });
});
