import { Pool, type PoolClient } from 'pg';
import type { QueryRunner } from 'typeorm';
import { eventually, testDatabase } from '@once/testing';
import {
  completeRecords,
  CreateIdempotencyRecord1700000000010,
  decideRequest,
  freeMembers,
  insertRecords,
  recordOf,
  rowsOf,
  type AtomicWork,
  type Completion,
  type Decision,
  type IdempotencyRecord,
  type NewRecord,
  type RequestAnswer,
  type SqlSession,
} from '../src/index.js';

/** A database with this library's table and the smallest service there is: accounts, and deposits that must count once. */
export interface DepositsDatabase {
  readonly url: string;
  readonly pool: Pool;
  /** The number of deposits that were made under a key, which nothing but this library keeps at one. */
  depositsOf(key: string): Promise<number>;
  close(): Promise<void>;
}

export async function depositsDatabase(): Promise<DepositsDatabase> {
  const database = await testDatabase();
  const pool = poolOf(database.url);
  await new CreateIdempotencyRecord1700000000010().up(pool as unknown as QueryRunner);
  await pool.query(`create table deposit (key text not null, amount int not null check (amount < 1000000))`);
  await pool.query(`create table account (name text primary key, balance int not null)`);
  return {
    url: database.url,
    pool,
    depositsOf: async (key) => {
      const { rows } = await pool.query<{ count: number }>('select count(*)::int from deposit where key = $1', [key]);
      return rows[0]?.count ?? 0;
    },
    close: async () => {
      await pool.end();
      await database.close();
    },
  };
}

/** `settings` are those of its sessions, such as `lock_timeout=100`. */
export function poolOf(url: string, settings: readonly string[] = []): Pool {
  const options = settings.map((setting) => `-c ${setting}`).join(' ');
  const pool = new Pool({ connectionString: url, max: 10, ...(options === '' ? {} : { options }) });
  // The tests end sessions; the pool replaces those that were idle.
  pool.on('error', () => {});
  return pool;
}

export interface Member {
  readonly amount?: number;
  readonly account?: string;
  readonly records?: readonly NewRecord[];
  readonly completions?: readonly Completion[];
}

/** What a service composes from the fragments: everything that one batch changes, each member wholly or not at all. */
export const commitStatement = (source = 'jsonb_to_recordset($1::jsonb)'): string => `
  with member as materialized (
    select m.* from ${source} as m(no int, amount int, account text, records jsonb, completions jsonb)),
  free as (${freeMembers('member')}),
  deposited as (
    insert into deposit (key, amount)
    select m.records->0->>'key', m.amount from free m where m.amount is not null),
  credited as (
    update account a set balance = a.balance + m.amount from free m where a.name = m.account),
  recorded as (${insertRecords('free')}),
  completed as (${completeRecords('free')})
  select no from free`;

export const COMMIT = commitStatement();

export function toJson(members: readonly Member[]): string {
  return JSON.stringify(members.map((member, no) => ({ no, ...member })));
}

/** Commits members as one batch; returns the positions of those that applied. */
export async function commit(session: SqlSession, ...members: readonly Member[]): Promise<readonly number[]> {
  const result = await session.query(COMMIT, [toJson(members)]);
  return rowsOf<{ no: number }>(result)
    .map(({ no }) => no)
    .toSorted((left, right) => left - right);
}

export async function findRecord(session: SqlSession, scope: string, key: string): Promise<IdempotencyRecord | null> {
  const result = await session.query(`select ${recordOf('$1', '$2')} as record`, [scope, key]);
  return rowsOf<{ record: IdempotencyRecord | null }>(result)[0]?.record ?? null;
}

export function finished(key: string, fields: Partial<NewRecord> = {}): NewRecord {
  const identity = { scope: SCOPE, key, fingerprint: 'v1:a', subject: `subject of ${key}` };
  return { ...identity, recoveryPoint: 'finished', outcome: { answer: 42 }, ...fields };
}

/** A claimed record whose holder is at work. */
export function intended(key: string, leaseMs = 3_600_000, fields: Partial<NewRecord> = {}): NewRecord {
  const identity = { scope: SCOPE, key, fingerprint: 'v1:a', subject: `subject of ${key}` };
  return { ...identity, recoveryPoint: 'intended', lease: { holder: 'first', leaseMs }, ...fields };
}

/** Runs the work while a transaction has made changes and not committed them; it is rolled back unless the work ends it. */
export async function whileOpen(
  pool: Pool,
  changes: (transaction: PoolClient) => Promise<unknown>,
  work: (transaction: PoolClient) => Promise<void>,
): Promise<void> {
  const transaction = await pool.connect();
  try {
    await transaction.query('begin');
    await changes(transaction);
    await work(transaction);
  } finally {
    await transaction.query('rollback');
    transaction.release();
  }
}

/** Waits until a session of this database waits for a lock of another. Not for a session in a transaction, which sees one moment. */
export function untilSomebodyWaits(pool: Pool): Promise<void> {
  return eventually(async () => {
    const { rows } = await pool.query(
      `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    );
    if (rows.length === 0) throw new Error('nobody waits for a lock');
  });
}

export const SCOPE = 'demo POST /deposits';
const DAY_MS = 86_400_000;

export interface Deposit {
  readonly key: string;
  readonly amount: number;
  readonly account?: string;
  readonly note?: string;
}

/** Deposits by HTTP requests with a key. Each answer is minted anew, so that a second execution would be seen in it. */
export class Deposits implements AtomicWork<Deposit, IdempotencyRecord | null, Member, RequestAnswer> {
  private minted = 0;

  constructor(
    private readonly session: SqlSession,
    private readonly replica: string,
  ) {}

  subjects({ key, account }: Deposit): readonly string[] {
    return account === undefined ? [key] : [key, account];
  }

  async load(deposits: readonly Deposit[]): Promise<readonly (IdempotencyRecord | null)[]> {
    const result = await this.session.query(
      `select ${recordOf(`'${SCOPE}'`, 'm.key')} as record from jsonb_to_recordset($1::jsonb) as m(no int, key text) order by m.no`,
      [JSON.stringify(deposits.map(({ key }, no) => ({ no, key })))],
    );
    return rowsOf<{ record: IdempotencyRecord | null }>(result).map(({ record }) => record);
  }

  decide(record: IdempotencyRecord | null, deposit: Deposit): Decision<Member, RequestAnswer> {
    const { key, amount, account, note } = deposit;
    return decideRequest(record, { scope: SCOPE, key, fingerprint: `v1:${amount}` }, DAY_MS, {
      perform: () => {
        this.minted += 1;
        const id = `${this.replica}-${this.minted}`;
        return {
          response: {
            status: 201,
            headers: { location: `/deposits/${id}` },
            body: JSON.stringify({ id, amount, note }),
          },
          subject: id,
          change: (newRecord) => ({ amount, records: [newRecord], ...(account === undefined ? {} : { account }) }),
        };
      },
    });
  }

  async commit(members: readonly Member[]): Promise<ReadonlySet<number>> {
    return new Set(await commit(this.session, ...members));
  }
}
