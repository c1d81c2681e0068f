import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OrderReceipt } from '../src/order/order.js';
import { OrderDatabase } from './order-database.js';
import { placing, responseOf } from './order-story.js';

let database: OrderDatabase;

beforeAll(async () => {
  database = await OrderDatabase.open();
});
afterAll(() => database.close());

async function stocked(available: number, count = 1): Promise<string[]> {
  const skus = Array.from({ length: count }, () => randomUUID()).toSorted();
  for (const sku of skus) await database.stock(sku, available);
  return skus;
}

const statusesOf = (receipts: readonly OrderReceipt[], status: string) =>
  receipts.filter((receipt) => receipt.status === status);

describe('the last units', () => {
  it('go to exactly as many orders as there are units, of a hundred on two replicas', async () => {
    const [sku = ''] = await stocked(10);
    const replicas = [database.replica(), database.replica()];
    const answers = await Promise.all(
      replicas.flatMap(({ placeOrder }) =>
        Array.from({ length: 50 }, () => placeOrder.submit(placing([{ sku, quantity: 1 }]))),
      ),
    );
    const receipts = answers.map((answer) => JSON.parse(responseOf(answer).body) as OrderReceipt);

    expect(statusesOf(receipts, 'pending')).toHaveLength(10);
    expect(statusesOf(receipts, 'cancelled')).toHaveLength(90);
    expect(new Set(statusesOf(receipts, 'cancelled').map(({ reason }) => reason))).toEqual(new Set(['out_of_stock']));
    expect(await database.stockOf(sku)).toEqual({ available: 0, reserved: 10, sold: 0 });
  });

  it('of several articles are never split: an order has all of its units or none', async () => {
    const [plenty = '', scarce = ''] = await stocked(100, 2);
    await database.stock(scarce, 5);
    const { placeOrder } = database.replica();
    await Promise.all(
      Array.from({ length: 20 }, () =>
        placeOrder.submit(
          placing([
            { sku: plenty, quantity: 2 },
            { sku: scarce, quantity: 1 },
          ]),
        ),
      ),
    );
    expect(await database.stockOf(scarce)).toEqual({ available: 0, reserved: 5, sold: 0 });
    expect(await database.stockOf(plenty)).toEqual({ available: 90, reserved: 10, sold: 0 });
  });
});

describe('a batch of orders', () => {
  it('of fifty takes each article once, whatever the sum', async () => {
    const skus = await stocked(1_000, 3);
    const inputs = Array.from({ length: 50 }, (_, index) =>
      placing(skus.map((sku, position) => ({ sku, quantity: 1 + ((index + position) % 3) }))),
    );
    const changes = await database.decidePlacing(...inputs);
    expect((await database.store().commit(changes)).size).toBe(50);

    const reserved = await Promise.all(skus.map((sku) => database.stockOf(sku)));
    expect(reserved.map((counts) => counts?.reserved)).toEqual([99, 101, 100]);
    expect(await database.rows('select version::int from stock_item where sku = any($1)', [skus])).toEqual([
      { version: 2 },
      { version: 2 },
      { version: 2 },
    ]);
  });

  it('that would take more than there is leaves nothing of any of its orders', async () => {
    const [sku = ''] = await stocked(10);
    const changes = await database.decidePlacing(...Array.from({ length: 11 }, () => placing([{ sku, quantity: 1 }])));
    await expect(database.store().commit(changes)).rejects.toMatchObject({ constraint: 'stock_is_never_negative' });
    const ids = changes.map(({ placed }) => placed?.order.id ?? '');
    expect(await database.count(...ids)).toEqual({ orders: 0, sagas: 0, lines: 0, records: 0, messages: 0 });
    expect(await database.stockOf(sku)).toEqual({ available: 10, reserved: 0, sold: 0 });
  });

  it('over the same articles in opposite order waits for the other, and never in a circle', async () => {
    const skus = await stocked(100_000, 20);
    for (let round = 0; round < 10; round += 1) {
      const orderOf = (articles: readonly string[]) =>
        Array.from({ length: 10 }, () => placing(articles.map((sku) => ({ sku, quantity: 1 }))));
      const [forward, backward] = await Promise.all([
        database.decidePlacing(...orderOf(skus)),
        database.decidePlacing(...orderOf(skus.toReversed())),
      ]);
      const sizes = await Promise.all([forward, backward].map((changes) => database.store().commit(changes)));
      expect(sizes.map(({ size }) => size)).toEqual([10, 10]);
    }
  });

  it('locks its articles from the lowest to the highest', async () => {
    // Stored in the opposite order, and ordered in it, so that only sorting can find the lowest first.
    const skus = await stocked(10, 3);
    for (const sku of skus.toReversed()) await database.rows('update stock_item set sold = 0 where sku = $1', [sku]);
    const changes = await database.decidePlacing(placing(skus.toReversed().map((sku) => ({ sku, quantity: 1 }))));
    const [lowest, ...others] = skus;
    const transaction = await database.begin();
    await transaction.query('select from stock_item where sku = $1 for update', [lowest]);

    const batch = database.store().commit(changes);
    await database.untilBlocked(1);
    const free = await transaction.query<{ sku: string }>(
      'select sku from stock_item where sku = any($1) order by sku for update skip locked',
      [others],
    );
    await transaction.query('rollback');
    transaction.release();
    expect(free.rows.map(({ sku }) => sku)).toEqual(others);
    expect((await batch).size).toBe(1);
  });
});
