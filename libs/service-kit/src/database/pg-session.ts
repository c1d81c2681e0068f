import { createHash } from 'node:crypto';
import type { Pool } from 'pg';
import type { DataSource } from 'typeorm';
import { assertCommitConfirmed } from './commit-watch.js';
import { classifyDatabaseError } from './database-error.js';
import type { SqlSession } from './sql-session.js';

/**
 * Sends each statement in autocommit over the pool of a DataSource, as a NAMED prepared statement: the server parses and
 * plans a hot statement once per connection instead of once per call.
 *
 * Differs from `pool.query` in what survives an error: after a refusal by the server (a lost race, a constraint) the
 * connection goes back to the pool, where `pool.query` would close it. It is closed after a connection error, whose
 * statement has an unknown outcome, and when the server no longer knows the prepared statement or its result type.
 *
 * Takes one statement per call: Postgres prepares no more.
 */
export class PgSession implements SqlSession {
  private readonly names = new StatementNames();

  constructor(private readonly pool: Pool) {}

  async query(text: string, values: unknown[] = []): Promise<unknown> {
    const client = await this.pool.connect();
    const name = this.names.nameOf(text);
    try {
      const result = await client.query(name === undefined ? { text, values } : { name, text, values });
      assertCommitConfirmed(client);
      client.release();
      return result;
    } catch (error) {
      client.release(isConnectionUseless(error));
      throw error;
    }
  }
}

/** The session of a DataSource that openDatabase opened. */
export function pgSession(dataSource: DataSource): PgSession {
  return new PgSession(poolOf(dataSource));
}

const UNUSABLE_STATEMENT_CODES: ReadonlySet<unknown> = new Set(['0A000', '26000']);

function isConnectionUseless(error: unknown): boolean {
  if (classifyDatabaseError(error) === 'connection') return true;
  return error instanceof Error && 'code' in error && UNUSABLE_STATEMENT_CODES.has(error.code);
}

/**
 * Names statements by a hash of their text, so that the same text has the same name on every connection and in every
 * process. Statement texts are constants of the program; the bound only keeps a text built from data, which would be a
 * mistake elsewhere, from filling the memory of the server.
 */
class StatementNames {
  private static readonly NAMES_MAX = 500;
  private readonly known = new Map<string, string>();

  nameOf(text: string): string | undefined {
    const known = this.known.get(text);
    if (known !== undefined || this.known.size >= StatementNames.NAMES_MAX) return known;
    const name = createHash('sha256').update(text).digest('base64url').slice(0, 32);
    this.known.set(text, name);
    return name;
  }
}

/** TypeORM's Postgres driver keeps its pg Pool as `master`; it has no other way to send a named statement. */
function poolOf(dataSource: DataSource): Pool {
  const driver: unknown = dataSource.driver;
  if (typeof driver === 'object' && driver !== null && 'master' in driver && isPool(driver.master))
    return driver.master;
  throw new TypeError('pgSession needs a connected Postgres DataSource');
}

const isPool = (value: unknown): value is Pool =>
  typeof value === 'object' && value !== null && 'connect' in value && 'totalCount' in value;
