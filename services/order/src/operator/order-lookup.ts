import { rowsOf, type SqlSession } from '@once/idempotency';
import type { Order } from '../order/order.js';
import { ORDER_JSON } from '../persistence/order-json.js';

/** Finds an order of any account. For the operator only: customers read through OrderReader, which asks whose it is. */
export class OrderLookup {
  constructor(private readonly session: SqlSession) {}

  async find(orderId: string): Promise<Order | null> {
    const result = await this.session.query(`select ${ORDER_JSON} as "order" from customer_order o where o.id = $1`, [
      orderId,
    ]);
    return rowsOf<{ order: Order }>(result)[0]?.order ?? null;
  }
}
