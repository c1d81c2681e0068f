import { randomUUID } from 'node:crypto';
import { testDatabase } from '@once/testing';
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
  readonly pool: Pool;
  start(definition: SagaDefinition): Promise<SagaInstance>;
  /** Commits the members as one batch. */
  commit(...members: readonly Member[]): Promise<Committed>;
  /** Applies the members in a transaction that the test ends, so that others meet its locks. */
  open(...members: readonly Member[]): Promise<PoolClient>;
  timeline(subjectId: string): Promise<readonly TimelineEntry[]>;
  close(): Promise<void>;
}

export const sagaDatabase = async (): Promise<SagaDatabase> => {
  const database = await testDatabase();
  const pool = new Pool({ connectionString: database.url, max: 8 });
  await new CreateSaga1700000000030().up(pool as unknown as QueryRunner);

  const commit = async (...members: readonly Member[]): Promise<Committed> => {
    const { rows } = await pool.query<Committed>(COMMIT, [toJson(members)]);
    return rows[0] ?? { moved: [], started: [] };
  };
  return {
    pool,
    commit,
    start: async (definition) => {
      const started = startSaga(definition, { id: randomUUID(), subjectId: randomUUID() });
      await commit({ start: started });
      return started.next;
    },
    open: async (...members) => {
      const client = await pool.connect();
      await client.query('begin');
      await client.query(COMMIT, [toJson(members)]);
      return client;
    },
    timeline: (subjectId) => timelineOf(pool, subjectId),
    close: async () => {
      await pool.end();
      await database.close();
    },
  };
};

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
