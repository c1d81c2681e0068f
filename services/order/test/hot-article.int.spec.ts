import { awaitedOperation } from '@once/saga';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OrderReceipt } from '../src/order/order.js';
import type { OrderExecutors } from '../src/persistence/order-executors.js';
import { OrderDatabase } from './order-database.js';
import { placing, responseOf } from './order-story.js';

const REPLICAS = 2;
/** Customers of each replica who want the hot article at any time, and those who want another one. */
const HOT_CUSTOMERS = 30;
const COLD_CUSTOMERS = 2;
const ORDERS_EACH = 15;
/** Fewer than want it, so that somebody always waits. */
const BATCH_MAX = 10;
/** Everybody who is there when an order comes may be answered before it, and come again as often as this. */
const TURNS_MAX = 3;
const GIVEN_BACK_EACH = 3;

let database: OrderDatabase;

beforeAll(async () => {
  database = await OrderDatabase.open();
});
afterAll(() => database.close());

/** One order of one customer. Numbers count all orders of the test, in the order in which they come and are answered. */
interface Turn {
  readonly sku: string;
  readonly came: number;
  readonly overtakenBy: number;
}

describe('an article that everybody wants', () => {
  it('is sold in turn: nobody starves, and who wants another one waits no longer', async () => {
    await database.stock('hot', 1_000_000);
    await database.stock('cold', 1_000_000);
    const batches: number[] = [];
    const replicas = Array.from({ length: REPLICAS }, () =>
      database.replica({ batchMax: BATCH_MAX, onBatch: (size) => void batches.push(size) }),
    );
    const crowd = new Crowd();
    await Promise.all(
      replicas.flatMap((replica) => [
        ...Array.from({ length: HOT_CUSTOMERS }, () => crowd.orderInTurn(replica, 'hot')),
        ...Array.from({ length: COLD_CUSTOMERS }, () => crowd.orderInTurn(replica, 'cold')),
      ]),
    );

    const customers = REPLICAS * (HOT_CUSTOMERS + COLD_CUSTOMERS);
    expect(crowd.turns).toHaveLength(customers * ORDERS_EACH);
    for (const sku of ['hot', 'cold']) {
      const overtaken = crowd.turns.filter((turn) => turn.sku === sku).map(({ overtakenBy }) => overtakenBy);
      expect(Math.max(...overtaken), sku).toBeLessThanOrEqual(TURNS_MAX * customers);
    }
    // A batch moves the article once, however many orders of it want it.
    const orders = REPLICAS * HOT_CUSTOMERS * ORDERS_EACH;
    const [hot] = await database.rows<{ moves: number }>(
      `select version::int - 1 as moves from stock_item where sku = 'hot'`,
    );
    const movements = orders + orders / GIVEN_BACK_EACH;
    expect(hot?.moves).toBeLessThan(movements / 3);
    expect(hot?.moves).toBeLessThanOrEqual(batches.length);
    expect(await database.stockOf('hot')).toEqual({
      available: 1_000_000 - (orders * (GIVEN_BACK_EACH - 1)) / GIVEN_BACK_EACH,
      reserved: (orders * (GIVEN_BACK_EACH - 1)) / GIVEN_BACK_EACH,
      sold: 0,
    });
  });
});

/** Customers who order again as soon as they are answered; every third order of each is declined and gives its unit back. */
class Crowd {
  readonly turns: Turn[] = [];
  private come = 0;
  private readonly answered: number[] = [];

  async orderInTurn(replica: OrderExecutors, sku: string): Promise<void> {
    for (let order = 1; order <= ORDERS_EACH; order += 1) {
      const came = ++this.come;
      const answeredBefore = this.answered.length;
      const answer = await replica.placeOrder.submit(placing([{ sku, quantity: 1 }]));
      const overtakenBy = this.answered.slice(answeredBefore).filter((other) => other > came).length;
      this.answered.push(came);
      this.turns.push({ sku, came, overtakenBy });
      if (order % GIVEN_BACK_EACH === 0) await decline(replica, JSON.parse(responseOf(answer).body) as OrderReceipt);
    }
  }
}

async function decline(replica: OrderExecutors, { id: orderId }: OrderReceipt): Promise<void> {
  const { saga } = await database.find(orderId);
  const operation = awaitedOperation(saga);
  if (operation === null) throw new Error(`the saga of ${orderId} awaits nothing`);
  const input = { kind: 'reply', operation, outcome: 'refused', reason: 'card_declined' } as const;
  await replica.saga.submit({ orderId, sagaId: saga.id, input, payment: null, messageId: null });
}
