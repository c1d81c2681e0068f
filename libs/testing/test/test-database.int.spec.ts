import { Client } from 'pg';
import { describe, expect, it } from 'vitest';
import { testDatabase, type TestDatabase } from '../src/index.js';

const query = async (database: TestDatabase, statement: string): Promise<unknown[]> => {
  const client = new Client({ connectionString: database.url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows;
  } finally {
    await client.end();
  }
};

describe('testDatabase', () => {
  it('gives every caller a database of its own', async () => {
    const [first, second] = await Promise.all([testDatabase(), testDatabase()]);
    await query(first, 'create table only_in_the_first (id int)');
    await expect(query(second, 'select from only_in_the_first')).rejects.toThrow(/does not exist/);
    await Promise.all([first.close(), second.close()]);
  });

  it('copies a template with its rows', async () => {
    const template = await testDatabase();
    await query(template, 'create table seeded as select 7 as value');
    const copy = await testDatabase({ template });
    expect(await query(copy, 'select value from seeded')).toEqual([{ value: 7 }]);
    await Promise.all([copy.close(), template.close()]);
  });

  it('drops the database although somebody is connected', async () => {
    const database = await testDatabase();
    const client = new Client({ connectionString: database.url });
    const lost = new Promise((resolve) => client.on('error', resolve));
    await client.connect();
    await database.close();
    await lost;
    await expect(query(database, 'select 1')).rejects.toThrow(/does not exist/);
  });
});
