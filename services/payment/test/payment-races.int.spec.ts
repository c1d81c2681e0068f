import { randomUUID } from 'node:crypto';
import { classifyDatabaseError } from '@once/service-kit';
import { eventually } from '@once/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Payments } from '../src/payment/payments.js';
import type { PaymentInput } from '../src/payment/payment-work.js';
import { newOrderIds, PaymentDatabase } from './payment-database.js';
import { event, intent, observation, request } from './payment-inputs.js';
import { TERMS } from './payments.js';

let database: PaymentDatabase;
let orderId: string;

beforeAll(async () => {
  database = await PaymentDatabase.open();
});
afterAll(() => database.close());
beforeEach(() => {
  orderId = randomUUID();
});

const replicas = () =>
  [0, 1].map(
    () => new Payments(database.store(), TERMS, { batchMax: 50, waitMs: 5_000, classify: classifyDatabaseError }),
  );

describe('two first commands of one order', () => {
  it('make one payment: the second statement is undone whole', async () => {
    const [authorising] = await database.decideAll(request(orderId, 'authorise'));
    const [returning] = await database.decideAll(request(orderId, 'return'));
    if (authorising === undefined || returning === undefined) throw new Error('both make a payment');
    await database.store().commit([authorising]);

    const other = randomUUID();
    const neighbours = await database.decideAll(request(other, 'return'));
    const store = database.store();
    await expect(store.commit([returning, ...neighbours])).rejects.toMatchObject({
      constraint: 'one_payment_per_order',
    });
    expect(await database.count(orderId, other)).toEqual({ payments: 1, records: 1, messages: 0 });
    expect(store.published).toEqual([]);
  });

  it('are both decided in the end, whichever replica was first', async () => {
    const [left, right] = replicas();
    const answers = await Promise.all([
      left?.submit(request(orderId, 'authorise')),
      right?.submit(request(orderId, 'return')),
    ]);
    expect(answers.map((answer) => answer?.kind)).toContain('answered');
    await eventually(async () =>
      expect(await database.count(orderId)).toEqual({ payments: 1, records: 2, messages: 2 }),
    );
    expect(await database.paymentOf(orderId)).toMatchObject({ goal: 'return', version: 2 });
  });
});

describe('a replica that remembers an older payment than there is', () => {
  it('takes nothing back of what another has committed', async () => {
    const [left, right] = replicas();
    await left?.submit(request(orderId, 'authorise'));
    await right?.submit(request(orderId, 'return'));
    expect(left?.recall(orderId)).toMatchObject({ goal: 'collect', version: 1 });

    await left?.submit(intent(orderId, {}));
    expect(await database.paymentOf(orderId)).toMatchObject({ goal: 'return', intentId: `pi_${orderId}`, version: 3 });
  });

  it('counts an event once that another has counted', async () => {
    const [left, right] = replicas();
    await left?.submit(request(orderId, 'authorise'));
    const id = `evt_${orderId}`;
    expect(await right?.submit(event(orderId, id))).toEqual({ kind: 'counted' });
    expect(await left?.submit(event(orderId, id))).toEqual({ kind: 'repeated' });
    expect(await database.count(orderId)).toEqual({ payments: 1, records: 2, messages: 1 });
  });

  it('needs one statement for what follows from what it has just committed', async () => {
    const store = database.store();
    const loaded = vi.spyOn(store, 'load');
    const replica = new Payments(store, TERMS, { batchMax: 50, waitMs: 5_000, classify: classifyDatabaseError });
    await replica.submit(request(orderId, 'authorise'));
    expect(loaded).toHaveBeenCalledTimes(1); // the database's clock was unknown

    await replica.submit(intent(orderId, {}));
    await replica.submit(event(orderId, `evt_${orderId}`));
    await replica.submit(request(orderId, 'capture'));
    await replica.submit(request(randomUUID(), 'authorise'));
    expect(loaded).toHaveBeenCalledTimes(1);
    expect(await database.paymentOf(orderId)).toEqual(replica.recall(orderId));
  });
});

describe('twins of one command', () => {
  it('on two replicas begin its work once', async () => {
    const submitted = replicas().flatMap((replica) =>
      Array.from({ length: 10 }, () => replica.submit(request(orderId, 'authorise'))),
    );
    const kinds = (await Promise.all(submitted)).map(({ kind }) => kind).toSorted();
    expect(kinds).toEqual(['begin', ...Array.from({ length: 19 }, () => 'in-progress')].toSorted());
    expect(await database.count(orderId)).toEqual({ payments: 1, records: 1, messages: 0 });
  });

  it('are not waited for while they are uncommitted', async () => {
    const twin = await database.decideAll(request(orderId, 'authorise'));
    const other = randomUUID();
    const neighbour = await database.decideAll(request(other, 'authorise'));
    const transaction = await database.begin();
    await database.store(transaction).commit(twin);

    expect(await database.store().commit([...twin, ...neighbour])).toEqual(new Set([1]));
    await transaction.query('rollback');
    transaction.release();
  });

  it('that come after the reply get it again under a new message id', async () => {
    await database.given(request(orderId, 'return'));
    await database.given(request(orderId, 'return'));
    const messages = await database.rows<{ id: string; payload: unknown }>(
      `select id, payload from outbox_message where payload->>'orderId' = $1`,
      [orderId],
    );
    expect(new Set(messages.map(({ id }) => id)).size).toBe(2);
    expect(messages[1]?.payload).toEqual(messages[0]?.payload);
    expect(await database.paymentOf(orderId)).toMatchObject({ version: 1 });
  });
});

describe('an event of the provider', () => {
  it('counts once however many replicas hear it at once', async () => {
    await database.given(request(orderId, 'authorise'));
    const id = `evt_${orderId}`;
    await Promise.all(
      replicas().flatMap((replica) => Array.from({ length: 10 }, () => replica.submit(event(orderId, id)))),
    );
    expect(await database.count(orderId)).toEqual({ payments: 1, records: 2, messages: 1 });
    expect(await database.paymentOf(orderId)).toMatchObject({ intentStatus: 'requires_capture', version: 2 });
  });
});

describe('a batch', () => {
  it('of fifty members of every kind applies exactly those that still hold', async () => {
    const ids = newOrderIds(50);
    const kindOf = (index: number) => index % 5;
    const place = (kind: number) => ids.filter((_, index) => kindOf(index) === kind);
    const [stale, known, repeated, told] = [1, 2, 3, 4].map(place);
    for (const id of [...(stale ?? []), ...(known ?? []), ...(told ?? [])])
      await database.given(request(id, 'authorise'));
    for (const id of repeated ?? []) await database.given(request(id, 'return'));

    const inputs = ids.map((id, index): PaymentInput => {
      const byKind = [
        request(id, 'authorise'),
        request(id, 'capture'),
        intent(id, { status: 'requires_capture' }),
        request(id, 'return'),
        event(id, `evt_${id}`),
      ];
      return byKind[kindOf(index)] ?? request(id, 'authorise');
    });
    const changes = await database.decideAll(...inputs);
    for (const id of stale ?? []) await database.given(intent(id, { status: 'requires_confirmation' }));

    const applied = await database.store().commit(changes);
    expect([...applied].toSorted((a, b) => a - b)).toEqual(
      ids.flatMap((_, index) => (kindOf(index) === 1 ? [] : [index])),
    );
    expect(await database.count(...ids)).toEqual({ payments: 50, records: 60, messages: 40 });
  });

  it('waits for another over the same orders in opposite order, and never in a circle', async () => {
    const ids = newOrderIds(25);
    for (const id of ids) await database.given(request(id, 'authorise'));
    for (let round = 1; round <= 10; round += 1) {
      const stuck = (order: string) => observation(order, { kind: 'stuck', call: 'create', generation: round });
      const forward = await database.decideAll(...ids.map(stuck));
      const [first, second] = await Promise.all([
        database.store().commit(forward),
        database.store().commit(forward.toReversed()),
      ]);
      // Each member once: whoever was first at the lowest order got all of them.
      expect([first.size, second.size].toSorted((a, b) => a - b)).toEqual([0, 25]);
    }
  });

  it('locks its orders from the lowest to the highest', async () => {
    // Stored in the opposite order, and committed in it, so that only sorting can find the lowest first.
    const ids = newOrderIds(3);
    for (const id of ids.toReversed()) await database.given(request(id, 'authorise'));
    const changes = await database.decideAll(...ids.toReversed().map((id) => request(id, 'return')));
    const [lowest, ...others] = ids;
    const transaction = await database.begin();
    await transaction.query('select from payment where order_id = $1 for update', [lowest]);

    const batch = database.store().commit(changes);
    await database.untilBlocked(1);
    const free = await transaction.query<{ order_id: string }>(
      'select order_id from payment where order_id = any($1) order by order_id for update skip locked',
      [others],
    );
    await transaction.query('rollback');
    transaction.release();
    expect(free.rows.map((row) => row.order_id)).toEqual(others);
    expect((await batch).size).toBe(3);
  });
});
