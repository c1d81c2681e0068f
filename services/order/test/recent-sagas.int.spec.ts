import { randomUUID } from 'node:crypto';
import { awaitedOperation, type SagaInstance } from '@once/saga';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { OrderReceipt } from '../src/order/order.js';
import type { OrderExecutors } from '../src/persistence/order-executors.js';
import { OrderDatabase } from './order-database.js';
import { placing, responseOf } from './order-story.js';

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

/** A replica, and how many batches of sagas it has loaded. */
function watchedReplica() {
  const store = database.store();
  const loads = vi.spyOn(store, 'loadSagas');
  return { replica: database.replica({}, store), loads: () => loads.mock.calls.length };
}

async function place({ placeOrder }: OrderExecutors): Promise<string> {
  const answer = responseOf(await placeOrder.submit(placing([{ sku, quantity: 2 }])));
  return (JSON.parse(answer.body) as OrderReceipt).id;
}

/** The participant says yes to what the saga awaits, at this moment or when it asked, and `replica` hears it. */
async function sayYes(replica: OrderExecutors, orderId: string, askedBy?: SagaInstance): Promise<unknown> {
  const saga = askedBy ?? (await database.find(orderId)).saga;
  const operation = awaitedOperation(saga);
  if (operation === null) throw new Error('nothing is awaited');
  const input = { kind: 'reply', operation, outcome: 'ok' } as const;
  return replica.saga.submit({ orderId, sagaId: saga.id, input, payment: null, messageId: randomUUID() });
}

const cancel = (replica: OrderExecutors, orderId: string) =>
  replica.cancelOrder.submit({ account: 'demo', orderId, request: null });

describe('a saga that this process has moved itself', () => {
  it('is moved on without a look, and ends where it would with one', async () => {
    const { replica, loads } = watchedReplica();
    const [remembered, loaded] = [await place(replica), await place(replica)];
    for (let step = 0; step < 3; step += 1) {
      expect(await sayYes(replica, remembered)).toEqual({ kind: 'moved' });
      expect(await sayYes(database.replica(), loaded)).toEqual({ kind: 'moved' });
    }
    expect(loads()).toBe(0);

    const one = await database.find(remembered);
    const other = await database.find(loaded);
    expect(one.order).toEqual({ ...other.order, id: remembered, createdAt: one.order.createdAt });
    expect(one.saga).toEqual({ ...other.saga, id: one.saga.id, subjectId: remembered });
    expect(one.saga.state).toBe('completed');
    expect(await database.stockOf(sku)).toEqual({ available: 6, reserved: 0, sold: 4 });
  });
});

describe('a saga that another replica has moved since', () => {
  it('is looked at: what is remembered of it takes no effect', async () => {
    const { replica, loads } = watchedReplica();
    const orderId = await place(replica);
    await sayYes(database.replica(), orderId);
    expect(await sayYes(replica, orderId)).toEqual({ kind: 'moved' });
    expect(loads()).toBe(1);
    expect((await database.find(orderId)).order.status).toBe('confirmed');
    expect(await database.stockOf(sku)).toEqual({ available: 8, reserved: 0, sold: 2 });
  });

  it('is not confirmed by whoever has not heard of its cancellation', async () => {
    const { replica } = watchedReplica();
    const orderId = await place(replica);
    await sayYes(replica, orderId);
    const { saga } = await database.find(orderId);
    await cancel(database.replica(), orderId);
    await sayYes(replica, orderId, saga);
    const { order } = await database.find(orderId);
    expect(order).toMatchObject({ status: 'pending', cancelRequestedAt: expect.any(String) });
    expect(await database.stockOf(sku)).toMatchObject({ sold: 0 });
  });
});
