import { randomUUID } from 'node:crypto';
import { eventually, testDatabase } from '@once/testing';
import { Pool, type PoolClient } from 'pg';
import type { QueryRunner } from 'typeorm';
import {
  awaitedOperation,
  commitSagas,
  CreateSaga1700000000030,
  sagaChange,
  startSaga,
  timelineOf,
  type ReplyInput,
  type SagaChange,
  type SagaDefinition,
  type SagaInstance,
  type TimelineEntry,
  type Transition,
} from '../src/index.js';

export interface Member {
  readonly move?: Transition;
  readonly start?: Transition;
}

export interface Committed {
  readonly moved: readonly string[];
  readonly started: readonly string[];
}

/** A database with this library's tables, and the smallest commit statement that a service can make of its fragments. */
export interface SagaDatabase {
  readonly url: string;
  readonly pool: Pool;
  start(definition: SagaDefinition): Promise<SagaInstance>;
  /** Commits the members as one batch. */
  commit(...members: readonly Member[]): Promise<Committed>;
  /** The plan by which Postgres would commit the members. */
  explain(...members: readonly Member[]): Promise<string>;
  /** Commits two batches, the first of which holds its locks until the second one waits for them. */
  overlap(first: Member, second: Member): Promise<readonly [Committed, Committed]>;
  /** Work in a transaction that is undone at its end, whatever happens: for locks that others are to meet. */
  holding<Result>(work: (client: PoolClient) => Promise<Result>): Promise<Result>;
  timeline(subjectId: string): Promise<readonly TimelineEntry[]>;
  close(): Promise<void>;
}

export const sagaDatabase = async (): Promise<SagaDatabase> => {
  const database = await testDatabase();
  // A statement that waits for ever is a failed test, not a hanging one.
  const pool = new Pool({ connectionString: database.url, max: 8, statement_timeout: 15_000 });
  // The database is dropped by force, which may still meet a connection that is closing.
  pool.on('connect', (client) => client.on('error', () => {}));
  await new CreateSaga1700000000030().up(pool as unknown as QueryRunner);

  const apply = async (client: Pool | PoolClient, members: readonly Member[]): Promise<Committed> => {
    const { rows } = await client.query<Committed>(COMMIT, [toJson(members)]);
    return rows[0] ?? { moved: [], started: [] };
  };
  const commit = (...members: readonly Member[]): Promise<Committed> => apply(pool, members);
  const holding = async <Result>(work: (client: PoolClient) => Promise<Result>): Promise<Result> => {
    const client = await pool.connect();
    try {
      await client.query('begin');
      return await work(client);
    } finally {
      await client.query('rollback');
      client.release();
    }
  };
  return {
    url: database.url,
    pool,
    commit,
    start: async (definition) => {
      const started = startSaga(definition, { id: randomUUID(), subjectId: randomUUID() });
      await commit({ start: started });
      return started.next;
    },
    explain: async (...members) => {
      const { rows } = await pool.query<{ 'QUERY PLAN': string }>(`explain ${COMMIT}`, [toJson(members)]);
      return rows.map((row) => row['QUERY PLAN']).join('\n');
    },
    holding,
    overlap: async (first, second) => {
      const [committed, waiting] = await holding(async (client) => {
        const committed = await apply(client, [first]);
        const waiting = commit(second);
        await untilBlocked(pool);
        await client.query('commit');
        return [committed, { result: waiting }] as const;
      });
      return [committed, await waiting.result];
    },
    timeline: (subjectId) => timelineOf(pool, subjectId),
    close: async () => {
      await pool.end();
      await database.close();
    },
  };
};

/** Waits until another statement waits for a lock. */
export const untilBlocked = (pool: Pool): Promise<void> =>
  eventually(async () => {
    const { rows } = await pool.query(
      `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    );
    if (rows.length === 0) throw new Error('no statement waits for a lock');
  });

/** The answer to what the saga awaits. */
export const reply = (saga: SagaInstance, outcome: ReplyInput['outcome']): ReplyInput => {
  const operation = awaitedOperation(saga);
  if (operation === null) throw new Error(`saga ${saga.id} awaits nothing`);
  return { kind: 'reply', operation, outcome };
};

const COMMIT = `
  with member as (select * from jsonb_to_recordset($1::jsonb) as m(saga_move jsonb, saga_start jsonb)),
       ${commitSagas('member')}
  select array(select id::text from saga_moved) as moved, array(select id::text from saga_started) as started`;

const toJson = (members: readonly Member[]): string =>
  JSON.stringify(members.map(({ move, start }) => ({ saga_move: changeOf(move), saga_start: changeOf(start) })));

const changeOf = (transition: Transition | undefined): SagaChange | null =>
  transition === undefined
    ? null
    : sagaChange(transition, {
        service: 'order',
        replica: 0,
        traceId: 'trace-1',
        receivedMessageId: 'received',
        sentMessageId: 'sent',
      });
