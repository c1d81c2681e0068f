import { DataSource } from 'typeorm';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  operationKey,
  takeDueSagas,
  transition,
  type DueSaga,
  type SagaInstance,
  type TakeDueOptions,
} from '../src/index.js';
import { checkout, refund } from './example-sagas.js';
import { reply, sagaDatabase, type SagaDatabase } from './saga-database.js';

let database: SagaDatabase;

beforeAll(async () => {
  database = await sagaDatabase();
});
afterEach(() => database.pool.query('delete from saga'));
afterAll(() => database.close());

describe('a timer', () => {
  it('runs by the clock of the database and names the attempt it waits for', async () => {
    const saga = await database.start(checkout);
    expect(await secondsUntilTimer(saga)).toBeCloseTo(10, 0);
    expect(await takeDue()).toEqual([]);

    await passes(saga, 11);
    expect(await takeDue()).toEqual([
      { saga, input: { kind: 'timer', operation: reply(saga, 'ok').operation, attempt: 1 } },
    ]);
  });

  it('is set anew by every move, goes on through a late reply, and ends with the saga', async () => {
    const saga = await database.start(refund);
    const late = transition(refund, saga, {
      ...reply(saga, 'ok'),
      operation: { ...reply(saga, 'ok').operation, generation: 9 },
    });
    await passes(saga, 4);
    await database.commit({ move: late });
    expect(await secondsUntilTimer(saga)).toBeCloseTo(6, 0);

    const asked = transition(refund, late.next, { kind: 'timer', operation: reply(saga, 'ok').operation, attempt: 1 });
    await database.commit({ move: asked });
    expect(await secondsUntilTimer(saga)).toBeCloseTo(20, 0);

    const restocked = transition(refund, asked.next, reply(asked.next, 'ok'));
    const completed = transition(refund, restocked.next, reply(restocked.next, 'ok'));
    await database.commit({ move: restocked });
    await database.commit({ move: completed });
    expect(await secondsUntilTimer(saga)).toBeNull();
  });
});

describe('the deadline', () => {
  it('comes due even while the pauses between attempts have grown beyond it', async () => {
    const saga = await database.start(checkout);
    await passes(saga, 590);
    // Asked so often that the pause is as long as it gets.
    const asked = transition(
      checkout,
      { ...saga, attempt: 9 },
      {
        kind: 'timer',
        operation: reply(saga, 'ok').operation,
        attempt: 9,
      },
    );
    await database.commit({ move: asked });
    expect(asked.timer?.afterMs).toBe(60_000);
    expect(await secondsUntilTimer(saga)).toBeCloseTo(10, 0);

    await passes(saga, 11);
    expect(await takeDue()).toEqual([{ saga: asked.next, input: { kind: 'deadline' } }]);
  });

  it('also ends a saga that was parked before its pivot', async () => {
    const saga = await database.start(checkout);
    const parked = transition(checkout, saga, { ...reply(saga, 'unknown'), reason: 'two intents' });
    await database.commit({ move: parked });
    await passes(saga, 601);
    expect(await takeDue()).toEqual([{ saga: parked.next, input: { kind: 'deadline' } }]);
  });

  it('is gone once the pivot has succeeded or the saga is being undone', async () => {
    const [pivoted, undoing] = [await database.start(checkout), await database.start(checkout)];
    const authorised = transition(checkout, pivoted, reply(pivoted, 'ok'));
    const captured = transition(checkout, authorised.next, reply(authorised.next, 'ok'));
    const cancelled = transition(checkout, undoing, { kind: 'cancel', reason: 'requested' });
    for (const move of [authorised, captured, cancelled]) await database.commit({ move });

    await passes(pivoted, 601);
    await passes(undoing, 601);
    expect((await takeDue()).map(({ input }) => input.kind)).toEqual(['timer', 'timer']);
  });

  it('does not bind a saga without pivot', async () => {
    const saga = await database.start(refund);
    await passes(saga, 10_000);
    expect((await takeDue()).map(({ input }) => input.kind)).toEqual(['timer']);
  });
});

describe('taking due sagas', () => {
  it('takes the longest waiting first, a page at a time, each once', async () => {
    const sagas = [await database.start(checkout), await database.start(checkout), await database.start(checkout)];
    for (const [index, saga] of sagas.entries()) await passes(saga, 20 + index);

    expect(idsOf(await takeDue({ limit: 2 })).sort()).toEqual(idsOfSagas(sagas.slice(1)).sort());
    expect(idsOf(await takeDue({ limit: 2 }))).toEqual(idsOfSagas(sagas.slice(0, 1)));
    expect(await takeDue({ limit: 2 })).toEqual([]);
  });

  it('reaches those behind a full page that nobody manages to move', async () => {
    const hopeless = await database.start(checkout);
    const fresh = await database.start(checkout);
    await passes(hopeless, 60);
    await passes(fresh, 20);

    expect(idsOf(await takeDue({ limit: 1 }))).toEqual([hopeless.id]);
    expect(idsOf(await takeDue({ limit: 1 }))).toEqual([fresh.id]);
  });

  it('has a saga due again when the process that took it did nothing', async () => {
    const saga = await database.start(checkout);
    await passes(saga, 20);
    await takeDue({ limit: 1, holdMs: 3_000 });
    expect(await secondsUntilTimer(saga)).toBeCloseTo(3, 0);
  });

  it('shares the work between replicas without waiting', async () => {
    const [held, free] = [await database.start(checkout), await database.start(checkout)];
    await passes(held, 60);
    await passes(free, 20);

    await database.holding(async (replica) => {
      expect(idsOf(await takeDueSagas(replica, { limit: 1 }))).toEqual([held.id]);
      expect(idsOf(await takeDue({ limit: 5 }))).toEqual([free.id]);
    });
  });

  it('leaves the version alone, so that an answer that comes meanwhile still counts', async () => {
    const saga = await database.start(checkout);
    await passes(saga, 20);
    await takeDue();
    const authorised = transition(checkout, saga, reply(saga, 'ok'));
    expect((await database.commit({ move: authorised })).moved).toEqual([saga.id]);
  });

  it('works through TypeORM as through pg', async () => {
    const saga = await database.start(checkout);
    await passes(saga, 20);
    const source = new DataSource({ type: 'postgres', url: database.url });
    await source.initialize();
    const [due] = await takeDueSagas(source, { limit: 1 });
    await source.destroy();

    expect(due?.saga).toEqual(saga);
    expect(operationKey(reply(saga, 'ok').operation)).toBe(`${saga.id}:authorise-payment:action:1`);
  });
});

const takeDue = (options: TakeDueOptions = { limit: 10 }): Promise<readonly DueSaga[]> =>
  takeDueSagas(database.pool, options);
const idsOf = (due: readonly DueSaga[]): string[] => due.map(({ saga }) => saga.id);
const idsOfSagas = (sagas: readonly SagaInstance[]): string[] => sagas.map(({ id }) => id);

/** Ages the saga: for the database, so much time has passed since its timers were set. */
const passes = (saga: SagaInstance, seconds: number): Promise<unknown> =>
  database.pool.query(
    `update saga set timer_at = timer_at - make_interval(secs => $2), give_up_at = give_up_at - make_interval(secs => $2)
      where id = $1`,
    [saga.id, seconds],
  );

const secondsUntilTimer = async (saga: SagaInstance): Promise<number | null> => {
  const { rows } = await database.pool.query<{ seconds: number | null }>(
    'select extract(epoch from timer_at - clock_timestamp())::float as seconds from saga where id = $1',
    [saga.id],
  );
  return rows[0]?.seconds ?? null;
};
