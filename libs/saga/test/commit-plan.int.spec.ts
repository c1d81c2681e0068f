import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSaga, transition, type Transition } from '../src/index.js';
import { checkout, refund } from './example-sagas.js';
import { reply, sagaDatabase, type SagaDatabase } from './saga-database.js';

let database: SagaDatabase;

/** Enough history that reading a whole table would be slower than looking up rows, also in the planner's opinion. */
beforeAll(async () => {
  database = await sagaDatabase();
  await database.pool.query(`
    insert into saga (id, subject_id, definition, definition_version, state, step, direction, generation, attempt, version)
    select gen_random_uuid(), gen_random_uuid(), 'checkout', 1, 'completed', 'send-confirmation', 'action', 1, 1, 4
      from generate_series(1, 5000)`);
  await database.pool.query(`
    insert into saga_timeline (subject_id, seq, service, replica, saga_id, saga, step, direction, generation, event)
    select s.subject_id, l.seq, 'order', 0, s.id, s.definition, s.step, s.direction, s.generation, 'sent'
      from saga s, generate_series(1, 5) as l(seq)`);
  await database.pool.query('insert into saga_timeline_head select subject_id, 5 from saga');
  await database.pool.query('analyze');
});
afterAll(() => database.close());

describe('the commit statement', () => {
  it('looks its rows up, however many there are', async () => {
    const plan = await database.explain({ move: moved(), start: started() });
    expect(plan).not.toMatch(/Seq Scan on saga/);
  });

  it('is estimated so cheap that Postgres does not compile it, which would take longer than running it', async () => {
    const plan = await database.explain({ move: moved(), start: started() });
    const JIT_ABOVE_COST = 100_000;
    expect(Number(/cost=[\d.]+?\.\.([\d.]+)/.exec(plan)?.[1])).toBeLessThan(JIT_ABOVE_COST / 5);
  });
});

const started = (): Transition => startSaga(refund, { id: randomUUID(), subjectId: randomUUID() });
const moved = (): Transition => {
  const { next } = startSaga(checkout, { id: randomUUID(), subjectId: randomUUID() });
  return transition(checkout, next, reply(next, 'ok'));
};
