import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { depositsDatabase, type DepositsDatabase } from './deposits-database.js';
import { histories, Model } from './deposits-model.js';
import { PostgresSystem } from './postgres-system.js';

/** 200 histories of up to twelve events each; a failing one is printed, shrunk, with its seed. */
describe('any history of requests, twins, other bodies, crashes, restarts, days and reapers', () => {
  let database: DepositsDatabase;

  beforeAll(async () => {
    database = await depositsDatabase();
    await database.pool.query(`insert into account values ('demo', 0)`);
  });
  afterAll(async () => {
    await database.close();
  });

  it('executes each key once in each of its lives and says the same to everybody', async () => {
    const property = fc.asyncProperty(histories, async (history) => {
      await database.pool.query('truncate idempotency_record, deposit');
      const system = new PostgresSystem(database);
      await system.restart();
      try {
        await fc.asyncModelRun(() => ({ model: new Model(), real: system }), history);
      } finally {
        await system.stop();
      }
    });
    await expect(fc.assert(property, { numRuns: 200 })).resolves.toBeUndefined();
  }, 240_000);
});
