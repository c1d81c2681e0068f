import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSaga, transition, type SagaInput, type SagaInstance, type TimelineEntry } from '../src/index.js';
import { operationAt } from '../src/saga-instance.js';
import { checkout, refund } from './example-sagas.js';
import { reply, sagaDatabase, type SagaDatabase } from './saga-database.js';

let database: SagaDatabase;

beforeAll(async () => {
  database = await sagaDatabase();
});
afterAll(() => database.close());

/** Applies the inputs one after the other, each in a commit of its own. */
const play = async (
  saga: SagaInstance,
  ...inputs: readonly ((saga: SagaInstance) => SagaInput)[]
): Promise<SagaInstance> => {
  let current = saga;
  for (const input of inputs) {
    const move = transition(checkout, current, input(current));
    await database.commit({ move });
    current = move.next;
  }
  return current;
};
const ok = (saga: SagaInstance): SagaInput => reply(saga, 'ok');
const refused = (saga: SagaInstance): SagaInput => ({ ...reply(saga, 'refused'), reason: 'no' });
const cancel = (): SagaInput => ({ kind: 'cancel', reason: 'requested' });
const timer = (saga: SagaInstance): SagaInput => ({
  kind: 'timer',
  operation: reply(saga, 'ok').operation,
  attempt: saga.attempt,
});

/** The saga hands over and its refund starts, in one commit. */
const handOver = async (
  saga: SagaInstance,
): Promise<{ readonly closed: SagaInstance; readonly refunding: SagaInstance }> => {
  const move = transition(checkout, saga, cancel());
  const start = startSaga(refund, { id: randomUUID(), subjectId: saga.subjectId, reason: 'requested' });
  await database.commit({ move, start });
  return { closed: move.next, refunding: start.next };
};

const inShort = ({ seq, cause, saga, event, step, outcome }: TimelineEntry): string =>
  [seq, cause === null ? '' : `<- ${cause}`, saga, event, step, outcome].filter(Boolean).join(' ');

describe('a timeline', () => {
  it('tells what happened, each line with the one that led to it', async () => {
    const saga = await database.start(checkout);
    await handOver(await play(saga, timer, ok, ok));

    expect((await database.timeline(saga.subjectId)).map(inShort)).toEqual([
      '1 checkout started',
      '2 <- 1 checkout executed reserve-stock ok',
      '3 <- 2 checkout sent authorise-payment',
      '4 <- 3 checkout sent authorise-payment',
      '5 <- 4 checkout replied authorise-payment ok',
      '6 <- 5 checkout sent capture-payment',
      '7 <- 6 checkout replied capture-payment ok',
      '8 <- 7 checkout pivoted',
      '9 <- 8 checkout sent send-confirmation',
      '10 checkout cancel-requested',
      '11 <- 10 checkout handed-over',
      '12 <- 11 refund started',
      '13 <- 12 refund sent return-payment',
    ]);
  });

  it('has everything a reader asks for in a line', async () => {
    const saga = await play(await database.start(checkout), refused);
    const line = (await database.timeline(saga.subjectId))[3];
    expect(line).toEqual({
      seq: 4,
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      service: 'order',
      replica: 0,
      saga: 'checkout',
      step: 'authorise-payment',
      direction: 'action',
      generation: 1,
      attempt: null,
      event: 'replied',
      outcome: 'refused',
      messageId: 'received',
      cause: 3,
      traceId: 'trace-1',
      detail: { reason: 'no' },
    });
  });

  it('traces the next generation of a compensation to the refusal of the one before', async () => {
    const saga = await play(await database.start(checkout), cancel, refused, timer);
    expect((await database.timeline(saga.subjectId)).slice(4).map(inShort)).toEqual([
      '5 <- 4 checkout sent authorise-payment',
      '6 <- 5 checkout replied authorise-payment refused',
      '7 <- 6 checkout sent authorise-payment',
    ]);
  });

  it('traces it to the operator who decided that the one before was not applied', async () => {
    const unclear = (saga: SagaInstance): SagaInput => ({ ...reply(saga, 'unknown'), reason: 'two refunds' });
    const decide = (): SagaInput => ({ kind: 'resolve', resolution: 'not-applied', note: 'neither is ours' });
    const saga = await play(await database.start(checkout), cancel, unclear, decide, timer);
    expect((await database.timeline(saga.subjectId)).slice(5).map(inShort)).toEqual([
      '6 <- 5 checkout replied authorise-payment unknown',
      '7 <- 6 checkout parked',
      '8 checkout resolved authorise-payment refused',
      '9 <- 8 checkout sent authorise-payment',
    ]);
  });

  it('shows a late reply once and counts its repeats', async () => {
    const begun = await database.start(checkout);
    const late = ok(begun);
    const saga = await play(begun, cancel, ...Array.from({ length: 5 }, () => () => late));

    const [first, repeats, ...more] = (await database.timeline(saga.subjectId)).slice(5);
    expect(first).toMatchObject({ event: 'replied', outcome: 'late', cause: 3, detail: { answer: 'ok' } });
    expect(repeats).toMatchObject({ event: 'replied', outcome: 'duplicate', detail: { answer: 'ok', count: 4 } });
    expect(more).toEqual([]);
  });

  it('calls a repeat of a reply that counted a duplicate, not late', async () => {
    const begun = await database.start(checkout);
    const repeated = ok(begun);
    const saga = await play(
      begun,
      ok,
      () => repeated,
      () => repeated,
      ok,
    );

    expect((await database.timeline(saga.subjectId)).slice(5).map(inShort)).toEqual([
      '6 <- 3 checkout replied authorise-payment duplicate',
      '7 <- 5 checkout replied capture-payment ok',
      '8 <- 7 checkout pivoted',
      '9 <- 8 checkout sent send-confirmation',
    ]);
  });

  it('has no gaps and no collisions when two sagas of one subject move at the same time', async () => {
    const { closed, refunding } = await handOver(await play(await database.start(checkout), ok, ok));
    const lateReply: SagaInput = { kind: 'reply', operation: operationAt(closed), outcome: 'ok' };
    const late = transition(checkout, closed, lateReply);
    const returned = transition(refund, refunding, reply(refunding, 'ok'));

    const [, second] = await database.overlap({ move: returned }, { move: late });
    expect(second.moved).toEqual([closed.id]);

    const timeline = await database.timeline(closed.subjectId);
    expect(timeline.map(({ seq }) => seq)).toEqual(timeline.map((_, index) => index + 1));
    expect(timeline.slice(-4).map(inShort)).toEqual([
      '13 <- 12 refund replied return-payment ok',
      '14 <- 13 refund executed restock ok',
      '15 <- 14 refund sent send-cancellation',
      '16 <- 8 checkout replied send-confirmation late',
    ]);
  });

  it('keeps two sagas of one subject apart in one batch', async () => {
    const { closed, refunding } = await handOver(await play(await database.start(checkout), ok, ok));
    const late = transition(checkout, closed, { kind: 'reply', operation: operationAt(closed), outcome: 'ok' });
    const returned = transition(refund, refunding, reply(refunding, 'ok'));
    await database.commit({ move: late }, { move: returned });

    const lines = (await database.timeline(closed.subjectId)).slice(-4).map(inShort);
    expect(lines.map((line) => line.replace(/^\d+ /, '')).sort()).toEqual([
      expect.stringMatching(/^<- 12 refund replied return-payment ok$/),
      expect.stringMatching(/^<- 1[34] refund executed restock ok$/),
      expect.stringMatching(/^<- 1[45] refund sent send-cancellation$/),
      expect.stringMatching(/^<- 8 checkout replied send-confirmation late$/),
    ]);
  });

  it('of an unknown subject is empty', async () => {
    expect(await database.timeline(randomUUID())).toEqual([]);
  });
});
