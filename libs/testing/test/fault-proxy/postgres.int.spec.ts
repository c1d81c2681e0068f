import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventually, FaultProxy, testDatabase, type TestDatabase } from '../../src/index.js';

describe('the fault proxy before Postgres', () => {
  let database: TestDatabase;
  let proxy: FaultProxy;
  let direct: Client;

  beforeAll(async () => {
    database = await testDatabase();
    direct = new Client(database.url);
    await direct.connect();
    await direct.query('create table entry (id serial primary key, word text unique)');
  });
  beforeEach(async () => {
    await direct.query('truncate entry');
    proxy = await FaultProxy.before(database.url);
  });
  afterEach(() => proxy.close());
  afterAll(async () => {
    await direct.end();
    await database.close();
  });

  const join = async (): Promise<Client> => {
    const client = new Client(proxy.url);
    client.on('error', () => {});
    await client.connect();
    return client;
  };
  const words = async (): Promise<string[]> =>
    (await direct.query<{ word: string }>('select word from entry order by id')).rows.map(({ word }) => word);
  const write = (client: Client, word: string): Promise<'committed' | 'lost'> =>
    client
      .query({
        name: 'write',
        text: 'with w as (insert into entry (word) values ($1) returning id) select id from w',
        values: [word],
      })
      .then(
        () => 'committed',
        () => 'lost',
      );

  it('counts commits and not what only reads or is refused', async () => {
    const client = await join();
    await client.query('select 1');
    await write(client, 'a'.repeat(1_000));
    await write(client, 'a'.repeat(1_000)); // not unique
    await client.query('begin');
    await client.query(`insert into entry (word) values ('b')`);
    await client.query('commit');
    await client.end();
    expect([proxy.count('commit'), proxy.count('commit-answer')]).toEqual([3, 2]);
  });

  it('cuts before a commit: it did not happen', async () => {
    const client = await join();
    proxy.arm({ moment: 'before', event: 'commit', nth: 2, action: { kind: 'cut' } });
    expect([await write(client, 'a'), await write(client, 'b')]).toEqual(['committed', 'lost']);
    await nobodyElse();
    expect(await words()).toEqual(['a']);
  });

  it.each([
    ['after', 'commit'],
    ['before', 'commit-answer'],
  ] as const)('cuts %s a %s: it happened, and its sender does not know', async (moment, event) => {
    const client = await join();
    proxy.arm({ moment, event, action: { kind: 'cut' } });
    expect(await write(client, 'a')).toBe('lost');
    await eventually(async () => expect(await words()).toEqual(['a']));
  });

  it('cuts after the answer: everybody knows', async () => {
    const client = await join();
    const lost = new Promise((resolve) => client.once('end', resolve));
    proxy.arm({ moment: 'after', event: 'commit-answer', action: { kind: 'cut' } });
    expect(await write(client, 'a')).toBe('committed');
    await lost;
    expect(await words()).toEqual(['a']);
  });

  it('strikes the statement that it is told to', async () => {
    const client = await join();
    const isWrite = ({ detail }: { detail: string }): boolean => detail.startsWith('with w');
    proxy.arm({ moment: 'before', event: 'commit', where: isWrite, action: { kind: 'cut' } });
    await client.query(`insert into entry (word) values ('a')`);
    expect(await write(client, 'b')).toBe('lost');
    expect(await words()).toEqual(['a']);
  });

  it('passes a big answer to a reader that is slow', async () => {
    const client = await join();
    const { rows } = await client.query<{ size: number }>(
      `select length(repeat('x', 1000) || n) as size, repeat('x', 1000) from generate_series(1, 5000) n`,
    );
    expect(rows).toHaveLength(5_000);
    await client.end();
  });

  /** The server has noticed the end of every connection but ours. */
  const nobodyElse = (): Promise<void> =>
    eventually(async () => {
      const { rows } = await direct.query(
        'select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
      );
      expect(rows).toEqual([]);
    });
});
