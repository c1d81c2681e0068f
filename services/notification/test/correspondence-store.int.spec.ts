import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SendResult } from '../src/channel/mail-channel.js';
import type { CorrespondenceInput } from '../src/correspondence/correspondence-work.js';
import { attempt, attempted, CorrespondenceDatabase, newOrderIds, request } from './correspondence-database.js';
import { ATTEMPT_ID, mailFor, MESSAGE_ID, operationOf } from './mails.js';

let database: CorrespondenceDatabase;
let orderId: string;

beforeAll(async () => {
  database = await CorrespondenceDatabase.open();
});
afterAll(() => database.close());
beforeEach(() => {
  orderId = randomUUID();
});

describe('a committed change', () => {
  it('is loaded as it was decided', async () => {
    await database.given(request(orderId, 'confirmed'));
    expect(await database.find(orderId)).toEqual({
      orderId,
      confirmation: mailFor('confirmed', { operations: [operationOf('confirmed', { sagaId: orderId })] }),
      cancellation: null,
      version: 1,
    });
    expect(await database.count(orderId)).toEqual({ rows: 1, records: 1, finished: 0, messages: 0 });
  });

  it('has its row, its completed record and its message together', async () => {
    await database.given(request(orderId, 'confirmed'));
    const store = database.store();
    const sent = await database.decideAll(attempted(orderId, 'confirmed'));
    expect(await store.commit(sent)).toEqual(new Set([0]));

    expect((await database.find(orderId))?.confirmation?.status).toBe('sent');
    expect(await database.count(orderId)).toEqual({ rows: 1, records: 1, finished: 1, messages: 1 });
    const [message] = await database.rows<{ id: string }>(
      `select id from outbox_message where payload->>'orderId' = $1`,
      [orderId],
    );
    expect(store.published).toMatchObject([
      { id: message?.id, destination: 'order', type: 'step-reply', sagaId: orderId },
    ]);
  });

  it('of a cancellation ends the confirmation that it voids in the same statement', async () => {
    await database.given(request(orderId, 'confirmed'), request(orderId, 'cancelled'));
    expect(await database.find(orderId)).toMatchObject({
      confirmation: { status: 'voided' },
      cancellation: { status: 'queued' },
    });
    expect(await database.count(orderId)).toEqual({ rows: 1, records: 2, finished: 1, messages: 1 });
  });
});

describe('a stale change', () => {
  it('takes no effect: no row, no record, no completion, no message', async () => {
    await database.given(request(orderId, 'confirmed'));
    const voiding = await database.decideAll(request(orderId, 'cancelled'));
    expect(voiding).toMatchObject([{ records: [{}], completions: [{}], replies: [{}] }]);
    await database.given(request(orderId, 'confirmed', 2));

    const store = database.store();
    expect(await store.commit(voiding)).toEqual(new Set());
    expect(await database.count(orderId)).toEqual({ rows: 1, records: 2, finished: 0, messages: 0 });
    expect(await database.find(orderId)).toMatchObject({ confirmation: { status: 'queued' }, cancellation: null });
    expect(store.published).toEqual([]);
  });

  it('takes no effect when the newer one is committed while it waits', async () => {
    await database.given(request(orderId, 'confirmed'));
    const sent = await database.decideAll(attempted(orderId, 'confirmed'));
    const voiding = await database.decideAll(request(orderId, 'cancelled'));
    const transaction = await database.begin();
    await database.store(transaction).commit(voiding);
    const late = database.store().commit(sent);
    await database.untilBlocked(1);
    await transaction.query('commit');
    transaction.release();

    expect(await late).toEqual(new Set());
    expect(await database.find(orderId)).toMatchObject({ confirmation: { status: 'voided' } });
    expect(await database.count(orderId)).toEqual({ rows: 1, records: 2, finished: 1, messages: 1 });
  });
});

describe('two first requests of one order', () => {
  it('make one row: the second statement is undone whole', async () => {
    const confirming = await database.decideAll(request(orderId, 'confirmed'));
    const cancelling = await database.decideAll(request(orderId, 'cancelled'));
    await database.store().commit(confirming);
    await expect(database.store().commit(cancelling)).rejects.toMatchObject({
      constraint: 'one_correspondence_per_order',
    });
    expect(await database.count(orderId)).toEqual({ rows: 1, records: 1, finished: 0, messages: 0 });
  });

  it('are both decided in the end, and no confirmation is left to send', async () => {
    const [left, right] = [database.replica(), database.replica()];
    await Promise.all([left.submit(request(orderId, 'confirmed')), right.submit(request(orderId, 'cancelled'))]);
    expect(await database.find(orderId)).toMatchObject({
      confirmation: { status: 'voided' },
      cancellation: { status: 'queued' },
    });
    expect(await database.count(orderId)).toEqual({ rows: 1, records: 2, finished: 1, messages: 1 });
  });
});

describe('a replica that remembers an older correspondence than there is', () => {
  it('takes nothing back of what another has committed', async () => {
    const [left, right] = [database.replica(), database.replica()];
    await left.submit(request(orderId, 'confirmed'));
    await left.submit(attempt(orderId, 'confirmed'));
    await right.submit(request(orderId, 'cancelled'));
    await left.submit(attempted(orderId, 'confirmed'));
    expect(await database.find(orderId)).toMatchObject({
      confirmation: { status: 'voided' },
      cancellation: { status: 'queued' },
    });
  });

  it('sends no mail that another has voided', async () => {
    const [left, right] = [database.replica(), database.replica()];
    await left.submit(request(orderId, 'confirmed'));
    await right.submit(request(orderId, 'cancelled'));
    expect(await left.submit(attempt(orderId, 'confirmed'))).toMatchObject({ kind: 'known' });
    expect(await database.rows('select from mail_attempt where order_id = $1', [orderId])).toEqual([]);
  });

  it('knows of the attempts of others when it is not the first', async () => {
    const [left, right] = [database.replica(), database.replica()];
    await left.submit(request(orderId, 'confirmed'));
    await right.submit(attempt(orderId, 'confirmed', { id: randomUUID() }));
    const again = attempt(orderId, 'confirmed', { isFirst: false });
    expect(await left.submit(again)).toMatchObject({ kind: 'send', mayBeCopy: true });
  });

  it('loads nothing for a mail of its own', async () => {
    const store = database.store();
    const replica = database.replica(store);
    await replica.submit(request(randomUUID(), 'confirmed')); // the database's clock was unknown
    const loaded = vi.spyOn(store, 'load');
    await replica.submit(request(orderId, 'confirmed'));
    await replica.submit(attempt(orderId, 'confirmed'));
    await replica.submit(attempted(orderId, 'confirmed'));
    expect(loaded).not.toHaveBeenCalled();
    expect(await database.count(orderId)).toEqual({ rows: 1, records: 1, finished: 1, messages: 1 });
  });
});

describe('the send ledger', () => {
  const ledger = () =>
    database.rows<{ id: string; outcome: string | null }>(
      `select id, outcome from mail_attempt where order_id = $1 order by started_at`,
      [orderId],
    );
  const first = ATTEMPT_ID;
  const second = randomUUID();

  it('has a row before each send, and its outcome in the same statement as the reply', async () => {
    await database.given(request(orderId, 'confirmed'), attempt(orderId, 'confirmed'));
    expect(await ledger()).toEqual([{ id: first, outcome: null }]);
    expect(await database.count(orderId)).toMatchObject({ finished: 0, messages: 0 });

    await database.given(attempted(orderId, 'confirmed'));
    expect(await ledger()).toEqual([{ id: first, outcome: 'sent' }]);
    expect(await database.count(orderId)).toMatchObject({ finished: 1, messages: 1 });
  });

  it('has one row when the statement that writes it is run twice', async () => {
    await database.given(request(orderId, 'confirmed'));
    const changes = await database.decideAll(attempt(orderId, 'confirmed'));
    for (const store of [database.store(), database.store()]) {
      expect((await store.commit(changes)).size).toBe(1);
    }
    expect(await ledger()).toEqual([{ id: first, outcome: null }]);
  });

  it('keeps the first word on an attempt', async () => {
    await database.given(request(orderId, 'confirmed'), attempt(orderId, 'confirmed'));
    await database.given(attempted(orderId, 'confirmed', { outcome: 'unknown' }));
    await database.given(attempted(orderId, 'confirmed', { outcome: 'deferred' }));
    expect(await ledger()).toEqual([{ id: first, outcome: 'unknown' }]);
  });

  it.each<[number, string, SendResult | null]>([
    [1, 'under way, or died with the answer', null],
    [1, 'unknown', 'unknown'],
    [0, 'deferred', 'deferred'],
  ])('counts %i earlier attempt that may have arrived when it is %s', async (unknownAttempts, _name, outcome) => {
    await database.given(request(orderId, 'confirmed'), attempt(orderId, 'confirmed'));
    if (outcome !== null) await database.given(attempted(orderId, 'confirmed', { outcome }));
    const states = await database
      .store()
      .load([attempt(orderId, 'confirmed', { id: second }), attempt(orderId, 'cancelled', { id: second })]);
    expect(states.map((state) => state.unknownAttempts)).toEqual([unknownAttempts, 0]);
  });
});

describe('twins of one request', () => {
  it('on two replicas begin one mail', async () => {
    const submitted = [database.replica(), database.replica()].flatMap((replica) =>
      Array.from({ length: 10 }, () => replica.submit(request(orderId, 'confirmed'))),
    );
    const kinds = (await Promise.all(submitted)).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'begin')).toHaveLength(1);
    expect(kinds.filter((kind) => kind === 'in-progress')).toHaveLength(19);
  });

  it('that come after the reply get it again under a new message id', async () => {
    await database.given(request(orderId, 'confirmed'), attempted(orderId, 'confirmed'), request(orderId, 'confirmed'));
    const messages = await database.rows<{ id: string; causation_id: string | null; payload: unknown }>(
      `select id, causation_id, payload from outbox_message where payload->>'orderId' = $1 order by created_at`,
      [orderId],
    );
    expect(messages.map(({ causation_id: cause }) => cause)).toEqual([null, MESSAGE_ID]);
    expect(messages[1]?.payload).toEqual(messages[0]?.payload);
    expect((await database.find(orderId))?.version).toBe(2);
  });
});

describe('a batch', () => {
  it('of fifty members of every kind applies exactly those that still hold', async () => {
    const ids = newOrderIds(50);
    const kindOf = (index: number) => index % 4;
    for (const [index, id] of ids.entries()) if (kindOf(index) > 0) await database.given(request(id, 'confirmed'));
    for (const [index, id] of ids.entries()) if (kindOf(index) === 3) await database.given(attempted(id, 'confirmed'));

    const inputs = ids.map((id, index): CorrespondenceInput => {
      const byKind = [request(id, 'confirmed'), request(id, 'cancelled'), attempted(id, 'confirmed')];
      return byKind[kindOf(index)] ?? request(id, 'confirmed');
    });
    const changes = await database.decideAll(...inputs);
    for (const [index, id] of ids.entries()) if (kindOf(index) === 1) await database.given(attempted(id, 'confirmed'));

    const applied = await database.store().commit(changes);
    expect([...applied].toSorted((a, b) => a - b)).toEqual(
      ids.flatMap((_, index) => (kindOf(index) === 1 ? [] : [index])),
    );
    expect(await database.count(...ids)).toEqual({ rows: 50, records: 50, finished: 37, messages: 49 });
  });

  it('locks its orders from the lowest to the highest, so that no two batches wait in a circle', async () => {
    // Stored in the opposite order, and committed in it, so that only sorting can find the lowest first.
    const ids = newOrderIds(3);
    for (const id of ids.toReversed()) await database.given(request(id, 'confirmed'));
    const changes = await database.decideAll(...ids.toReversed().map((id) => attempted(id, 'confirmed')));
    const [lowest, ...others] = ids;
    const transaction = await database.begin();
    await transaction.query('select from correspondence where order_id = $1 for update', [lowest]);

    const batch = database.store().commit(changes);
    await database.untilBlocked(1);
    const free = await transaction.query<{ order_id: string }>(
      'select order_id from correspondence where order_id = any($1) order by order_id for update skip locked',
      [others],
    );
    await transaction.query('rollback');
    transaction.release();
    expect(free.rows.map((row) => row.order_id)).toEqual(others);
    expect((await batch).size).toBe(3);
  });
});
