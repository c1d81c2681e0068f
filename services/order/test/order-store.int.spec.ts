import { randomUUID } from 'node:crypto';
import type { PaymentSnapshot } from '@once/contracts';
import { awaitedOperation, type SagaInstance } from '@once/saga';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { decideCancelOrder } from '../src/cancel-order/cancel-order.work.js';
import { decideSaga, type SagaHappening } from '../src/checkout-saga/saga-work.js';
import type { OrderChange } from '../src/persistence/order-change.js';
import { OrderDatabase } from './order-database.js';
import { catalogue, NOW, placing, refund, responseOf, RETENTION_MS, snapshot } from './order-story.js';

let database: OrderDatabase;
let sku: string;

beforeAll(async () => {
  database = await OrderDatabase.open();
});
afterAll(() => database.close());
beforeEach(async () => {
  sku = randomUUID();
  await database.stock(sku, 10);
});

/** A stored order whose participants have said yes this often. */
async function place(yeses = 0, quantity = 2): Promise<string> {
  const answer = responseOf(await database.replica().placeOrder.submit(placing([{ sku, quantity }])));
  const { id } = JSON.parse(answer.body) as { id: string };
  for (let count = 0; count < yeses; count += 1) await commit(await decideReply(id));
  return id;
}

interface Told {
  readonly outcome?: 'ok' | 'refused';
  readonly payment?: PaymentSnapshot;
  /** The saga at the moment it asked; default: as it is now. */
  readonly askedBy?: SagaInstance;
}

async function decideReply(orderId: string, { outcome = 'ok', payment, askedBy }: Told = {}): Promise<OrderChange> {
  const { order, saga } = await database.find(orderId);
  const operation = awaitedOperation(askedBy ?? saga);
  if (operation === null) throw new Error('nothing is awaited');
  const happening: SagaHappening = {
    orderId,
    sagaId: operation.sagaId,
    input: { kind: 'reply', operation, outcome, reason: 'card_declined' },
    payment: payment ?? null,
    messageId: randomUUID(),
  };
  const [state] = await database.store().loadSagas([happening]);
  return changeOf(decideSaga({ order, saga: state?.saga ?? null }, happening, catalogue));
}

async function decideCancel(orderId: string, key = randomUUID()): Promise<OrderChange> {
  const { order, saga } = await database.find(orderId);
  const request = { scope: `demo POST /orders/{id}/cancel ${orderId}`, key, fingerprint: 'v1:null' };
  const state = { order, saga, record: null, now: NOW };
  const terms = { catalogue, refund, retentionMs: RETENTION_MS };
  return changeOf(decideCancelOrder(state, { account: 'demo', orderId, request }, terms));
}

function changeOf(decision: { kind: string; change?: OrderChange }): OrderChange {
  if (decision.change === undefined) throw new Error('nothing changes');
  return decision.change;
}

async function commit(change: OrderChange): Promise<void> {
  expect(await database.store().commit([change])).toEqual(new Set([0]));
}

describe('a placed order', () => {
  it('is stored with its saga, timeline, stock, record and command, or not at all', async () => {
    const store = database.store();
    const input = placing([{ sku, quantity: 3 }]);
    const [change] = await database.decidePlacing(input);
    const id = change?.placed?.order.id ?? '';
    expect(await store.commit(change === undefined ? [] : [change])).toEqual(new Set([0]));

    expect(await database.count(id)).toEqual({ orders: 1, sagas: 1, lines: 3, records: 1, messages: 1 });
    expect(await database.stockOf(sku)).toEqual({ available: 7, reserved: 3, sold: 0 });
    const { order, saga } = await database.find(id);
    expect(order).toEqual(change?.placed?.order);
    expect(saga).toEqual(change?.started?.next);
    expect(store.published).toMatchObject([{ destination: 'payment', type: 'authorise-payment', sagaId: saga.id }]);
    const sent = await database.rows(`select message_id from saga_timeline where subject_id = $1 and event = 'sent'`, [
      id,
    ]);
    expect(sent).toEqual([{ message_id: store.published[0]?.id }]);
  });

  it('leaves nothing when its stock has gone since it was decided', async () => {
    const [change] = await database.decidePlacing(placing([{ sku, quantity: 10 }]));
    await place(0, 1);
    const store = database.store();
    await expect(store.commit(change === undefined ? [] : [change])).rejects.toMatchObject({
      constraint: 'stock_is_never_negative',
    });
    expect(await database.count(change?.placed?.order.id ?? '')).toEqual({
      orders: 0,
      sagas: 0,
      lines: 0,
      records: 0,
      messages: 0,
    });
    expect(await database.stockOf(sku)).toEqual({ available: 9, reserved: 1, sold: 0 });
    expect(store.published).toEqual([]);
  });
});

describe('a key', () => {
  it('makes one order even when its record is gone', async () => {
    const input = placing([{ sku, quantity: 1 }]);
    const replica = database.replica();
    const first = responseOf(await replica.placeOrder.submit(input));
    await database.rows('delete from idempotency_record where key = $1', [input.request.key]);

    expect(await replica.placeOrder.submit(input)).toEqual({ kind: 'purged', location: first.headers.location });
    expect(await database.stockOf(sku)).toEqual({ available: 9, reserved: 1, sold: 0 });
  });

  it('is decided by the database when the record is gone between decision and commit', async () => {
    const input = placing([{ sku, quantity: 1 }]);
    const [late] = await database.decidePlacing(input);
    await database.replica().placeOrder.submit(input);
    await database.rows('delete from idempotency_record where key = $1', [input.request.key]);

    await expect(database.store().commit(late === undefined ? [] : [late])).rejects.toMatchObject({
      constraint: 'one_order_per_account_and_key',
    });
    expect(await database.stockOf(sku)).toEqual({ available: 9, reserved: 1, sold: 0 });
  });

  it('makes one order of a hundred requests on two replicas, and all get the same bytes', async () => {
    const input = placing([{ sku, quantity: 1 }]);
    const replicas = [database.replica(), database.replica()];
    const answers = await Promise.all(
      replicas.flatMap(({ placeOrder }) => Array.from({ length: 50 }, () => placeOrder.submit(input))),
    );
    expect(new Set(answers.map((answer) => responseOf(answer).body)).size).toBe(1);
    expect(answers.filter((answer) => answer.kind === 'response' && !answer.isReplay)).toHaveLength(1);
    expect(await database.stockOf(sku)).toEqual({ available: 9, reserved: 1, sold: 0 });
  });

  it('of another account is another key', async () => {
    const key = randomUUID();
    const { placeOrder } = database.replica();
    for (const account of ['demo', 'acme']) await placeOrder.submit(placing([{ sku, quantity: 1 }], { account, key }));
    expect(await database.stockOf(sku)).toEqual({ available: 8, reserved: 2, sold: 0 });
  });
});

describe('a change of a saga that has moved on', () => {
  it.each([
    ['a cancellation with a key', (id: string) => decideCancel(id)],
    ['a refusal that would give the stock back', (id: string) => decideReply(id, { outcome: 'refused' })],
  ])('takes no effect: no order, stock, timeline, record or message (%s)', async (_name, decideLate) => {
    const id = await place();
    const late = await decideLate(id);
    await commit(await decideReply(id));
    const before = { ...(await database.find(id)), ...(await database.count(id)) };

    const store = database.store();
    expect(await store.commit([late])).toEqual(new Set());
    expect({ ...(await database.find(id)), ...(await database.count(id)) }).toEqual(before);
    expect(await database.stockOf(sku)).toEqual({ available: 8, reserved: 2, sold: 0 });
    expect(store.published).toEqual([]);
  });

  it('takes no effect when that is committed while it waits: a cancellation loses to the capture by a moment', async () => {
    const id = await place(1);
    const cancelling = await decideCancel(id);
    const capturing = await decideReply(id, { payment: snapshot('captured', 2400) });
    const transaction = await database.begin();
    await database.store(transaction).commit([capturing]);
    const late = database.store().commit([cancelling]);
    await database.untilBlocked(1);
    await transaction.query('commit');
    transaction.release();

    expect(await late).toEqual(new Set());
    expect((await database.find(id)).order).toMatchObject({ status: 'confirmed', cancelRequestedAt: null });
    expect(await database.stockOf(sku)).toEqual({ available: 8, reserved: 0, sold: 2 });
  });
});

describe('a cancellation of a paid order', () => {
  it('closes its saga and starts the refund in one statement', async () => {
    const id = await place(3);
    const store = database.store();
    expect(await store.commit([await decideCancel(id)])).toEqual(new Set([0]));

    expect(
      await database.rows('select definition, state from saga where subject_id = $1 order by created_at', [id]),
    ).toEqual([
      { definition: 'checkout', state: 'handed-over' },
      { definition: 'refund', state: 'pivoted' },
    ]);
    const { order, saga } = await database.find(id);
    expect(order).toMatchObject({ status: 'confirmed', cancelRequestedAt: NOW });
    expect(store.published).toMatchObject([{ type: 'return-payment', sagaId: saga.id }]);
  });

  it('starts no refund when the saga that it would close has moved on', async () => {
    const id = await place(2);
    const cancelling = await decideCancel(id);
    await commit(await decideReply(id));
    expect(await database.store().commit([cancelling])).toEqual(new Set());
    expect(await database.rows('select definition, state from saga where subject_id = $1', [id])).toEqual([
      { definition: 'checkout', state: 'completed' },
    ]);
  });

  it('comes twice at once and starts one refund', async () => {
    const id = await place(3);
    const replicas = [database.replica(), database.replica()];
    const answers = await Promise.all(
      replicas.flatMap(({ cancelOrder }) =>
        Array.from({ length: 10 }, () => cancelOrder.submit({ account: 'demo', orderId: id, request: null })),
      ),
    );
    expect(new Set(answers.map((answer) => responseOf(answer).status))).toEqual(new Set([202]));
    expect(
      await database.rows(`select state from saga where subject_id = $1 and definition = 'refund'`, [id]),
    ).toHaveLength(1);
    expect(
      await database.rows(`select id from outbox_message where type = 'return-payment' and payload->>'orderId' = $1`, [
        id,
      ]),
    ).toHaveLength(1);
  });
});

describe('a late reply to the checkout of an order that is being refunded', () => {
  it('does not bring back the order as it was before the refund', async () => {
    const id = await place(2);
    const { saga: sendingConfirmation } = await database.find(id);
    await commit(await decideCancel(id));

    const late = await decideReply(id, { payment: snapshot('captured', 2400), askedBy: sendingConfirmation });
    await commit(await decideReply(id, { payment: snapshot('refunded', 2400, 2400) }));
    await commit(late);

    expect((await database.find(id)).order).toMatchObject({
      status: 'cancelled',
      reason: 'requested',
      stock: 'returned',
      payment: { status: 'refunded' },
    });
    expect(await database.stockOf(sku)).toEqual({ available: 10, reserved: 0, sold: 0 });
  });
});
