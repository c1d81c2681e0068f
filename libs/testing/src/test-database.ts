import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { postgresUrl } from './test-infrastructure.js';

export interface TestDatabase {
  readonly name: string;
  readonly url: string;
  /** Drops the database, whoever is still connected. */
  close(): Promise<void>;
}

export interface TestDatabaseOptions {
  /** A migrated database to copy, which is faster than migrating again; nobody may be connected to it. Default: empty. */
  readonly template?: TestDatabase;
}

/** Creates a database for one test file. */
export const testDatabase = async ({ template }: TestDatabaseOptions = {}): Promise<TestDatabase> => {
  const serverUrl = await postgresUrl();
  const name = `test_${randomBytes(6).toString('hex')}`;
  await execute(serverUrl, `create database ${name} template ${template?.name ?? 'template1'}`);

  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return { name, url: url.href, close: () => execute(serverUrl, `drop database if exists ${name} with (force)`) };
};

const execute = async (url: string, statement: string): Promise<void> => {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
};
