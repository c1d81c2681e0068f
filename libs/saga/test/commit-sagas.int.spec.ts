import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadSagas, startSaga, transition, type SagaInstance } from '../src/index.js';
import { checkout, refund } from './example-sagas.js';
import { reply, sagaDatabase, untilBlocked, type Member, type SagaDatabase } from './saga-database.js';

let database: SagaDatabase;

beforeAll(async () => {
  database = await sagaDatabase();
});
afterAll(() => database.close());

describe('a transition', () => {
  it('is stored as it was decided', async () => {
    const saga = await database.start(checkout);
    const authorised = transition(checkout, saga, reply(saga, 'ok'));

    expect(await database.commit({ move: authorised })).toEqual({ moved: [saga.id], started: [] });
    expect(await loadSagas(database.pool, [saga.id])).toEqual([authorised.next]);
  });

  it('stores a parked saga with its reason and takes both away when it resumes', async () => {
    const saga = await database.start(checkout);
    const parked = transition(checkout, saga, { ...reply(saga, 'unknown'), reason: 'two intents' });
    await database.commit({ move: parked });
    expect(await loadSagas(database.pool, [saga.id])).toEqual([parked.next]);
    expect(parked.next).toMatchObject({ state: 'parked', parkedReason: 'two intents' });

    const resumed = transition(checkout, parked.next, reply(parked.next, 'ok'));
    await database.commit({ move: resumed });
    expect(await loadSagas(database.pool, [saga.id])).toEqual([resumed.next]);
    expect(resumed.next).toMatchObject({ state: 'running', parkedReason: null });
  });

  it('takes no effect when the saga has moved on since it was loaded', async () => {
    const saga = await database.start(checkout);
    const cancelled = transition(checkout, saga, { kind: 'cancel', reason: 'requested' });
    const authorised = transition(checkout, saga, reply(saga, 'ok'));
    await database.commit({ move: cancelled });
    const before = await database.timeline(saga.subjectId);

    expect(await database.commit({ move: authorised })).toEqual({ moved: [], started: [] });
    expect(await loadSagas(database.pool, [saga.id])).toEqual([cancelled.next]);
    expect(await database.timeline(saga.subjectId)).toEqual(before);
  });

  it('takes no effect when another one of the same version commits while it waits for the row', async () => {
    const saga = await database.start(checkout);
    const cancelled = transition(checkout, saga, { kind: 'cancel', reason: 'requested' });
    const authorised = transition(checkout, saga, reply(saga, 'ok'));

    const [first, second] = await database.overlap({ move: cancelled }, { move: authorised });
    expect(first.moved).toEqual([saga.id]);
    expect(second).toEqual({ moved: [], started: [] });
    expect(await loadSagas(database.pool, [saga.id])).toEqual([cancelled.next]);
  });

  it('takes effect alone when a neighbour in its batch is stale', async () => {
    const [stale, fresh] = [await database.start(checkout), await database.start(checkout)];
    const cancelled = transition(checkout, stale, { kind: 'cancel', reason: 'requested' });
    await database.commit({ move: cancelled });

    const moves = [stale, fresh].map((saga): Member => ({ move: transition(checkout, saga, reply(saga, 'ok')) }));
    expect(await database.commit(...moves)).toEqual({ moved: [fresh.id], started: [] });
  });

  it('locks the rows of its batch in the order of their ids, so that batches queue up and never deadlock', async () => {
    // Stored in the opposite order, and committed in it, so that only sorting can find the lowest id first.
    const ids = Array.from({ length: 3 }, () => randomUUID()).sort();
    const members: Member[] = [];
    for (const id of ids.toReversed()) {
      const started = startSaga(checkout, { id, subjectId: randomUUID() });
      await database.commit({ start: started });
      members.push({ move: transition(checkout, started.next, reply(started.next, 'ok')) });
    }
    const [lowest, ...others] = ids;
    const { batch, free } = await database.holding(async (client) => {
      await client.query('select from saga where id = $1 for update', [lowest]);
      const batch = database.commit(...members);
      await untilBlocked(database.pool);
      const free = await client.query<{ id: string }>(
        'select id from saga where id = any($1) order by id for update skip locked',
        [others],
      );
      return { batch, free };
    });

    expect(free.rows.map((row) => row.id)).toEqual(others);
    expect((await batch).moved).toHaveLength(3);
  });
});

describe('one open saga per subject', () => {
  it('holds while a closed saga hands over to its successor in one statement', async () => {
    const saga = await pivoted();
    const handedOver = transition(checkout, saga, { kind: 'cancel', reason: 'requested' });
    const refunding = startSaga(refund, { id: randomUUID(), subjectId: saga.subjectId, reason: 'requested' });

    expect(await database.commit({ move: handedOver, start: refunding })).toEqual({
      moved: [saga.id],
      started: [refunding.next.id],
    });
    expect(await loadSagas(database.pool, [saga.id, refunding.next.id])).toEqual(
      expect.arrayContaining([handedOver.next, refunding.next]),
    );
  });

  it('starts no successor when the saga that was to hand over has moved on', async () => {
    const saga = await pivoted();
    const handedOver = transition(checkout, saga, { kind: 'cancel', reason: 'requested' });
    const completed = transition(checkout, saga, reply(saga, 'ok'));
    await database.commit({ move: completed });
    const refunding = startSaga(refund, { id: randomUUID(), subjectId: saga.subjectId });

    expect(await database.commit({ move: handedOver, start: refunding })).toEqual({ moved: [], started: [] });
  });

  it('lets one of two concurrent cancellations start the refund', async () => {
    const saga = await pivoted();
    const cancel = (): Member => ({
      move: transition(checkout, saga, { kind: 'cancel', reason: 'requested' }),
      start: startSaga(refund, { id: randomUUID(), subjectId: saga.subjectId }),
    });
    const [first, second] = await database.overlap(cancel(), cancel());
    expect(first.started).toHaveLength(1);
    expect(second).toEqual({ moved: [], started: [] });
  });

  it('refuses a second open saga as a value and leaves its batch alone', async () => {
    const saga = await database.start(checkout);
    const twin = startSaga(checkout, { id: randomUUID(), subjectId: saga.subjectId });
    const other = startSaga(checkout, { id: randomUUID(), subjectId: randomUUID() });

    expect(await database.commit({ start: twin }, { start: other })).toEqual({ moved: [], started: [other.next.id] });
    expect(await database.timeline(saga.subjectId)).toHaveLength(3);
  });

  it('is refused by the database to whoever writes past this library', async () => {
    const saga = await database.start(checkout);
    const insert = `insert into saga select (jsonb_populate_record(s, jsonb_build_object('id', gen_random_uuid()))).*
                      from saga s where s.id = $1`;
    await expect(database.pool.query(insert, [saga.id])).rejects.toMatchObject({
      constraint: 'one_open_saga_per_subject',
    });
  });
});

const pivoted = async (): Promise<SagaInstance> => {
  let saga = await database.start(checkout);
  for (const _ of ['authorised', 'captured']) {
    const move = transition(checkout, saga, reply(saga, 'ok'));
    await database.commit({ move });
    saga = move.next;
  }
  return saga;
};
