import { Pool, type PoolClient, type QueryResultRow } from 'pg';
import { expect } from 'vitest';
import { eventually } from './eventually.js';
import type { TestDatabase } from './test-database.js';

/** What a test holds open at a time: some transactions whose locks others meet, and a look at who waits for them. */
const SESSIONS_MAX = 4;

/**
 * A database in which a test looks and holds locks by sessions of its own, beside those of the code under test. A service's tests
 * add how its tables are made and its stores opened.
 */
export abstract class QueriedDatabase {
  private readonly pool: Pool;

  /** `disconnect` ends the sessions of the code under test. */
  protected constructor(
    private readonly database: TestDatabase,
    private readonly disconnect: () => Promise<void>,
  ) {
    this.pool = new Pool({ connectionString: database.url, max: SESSIONS_MAX });
  }

  async close(): Promise<void> {
    await this.pool.end();
    await this.disconnect();
    await this.database.close();
  }

  async rows<Row extends QueryResultRow>(statement: string, values: unknown[] = []): Promise<readonly Row[]> {
    return (await this.pool.query<Row>(statement, values)).rows;
  }

  /** A transaction that the test ends, so that others meet its locks. */
  async begin(): Promise<PoolClient> {
    const client = await this.pool.connect();
    await client.query('begin');
    return client;
  }

  /** Waits until so many statements wait for a lock. */
  untilBlocked(statements: number): Promise<void> {
    return eventually(async () => {
      const [waiting] = await this.rows<{ blocked: number }>(
        `select count(*)::int as blocked from pg_stat_activity
          where datname = current_database() and wait_event_type = 'Lock'`,
      );
      expect(waiting?.blocked).toBe(statements);
    });
  }
}
