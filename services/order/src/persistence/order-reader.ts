import { rowsOf, type SqlSession } from '@once/idempotency';
import type { Order, OrderStatus } from '../order/order.js';
import type { TimelineLine } from '../read-orders/timeline.js';
import { isoTime, ORDER_JSON } from './order-json.js';

export interface OrderPage {
  readonly account: string;
  readonly status: OrderStatus | null;
  /** Only orders older than this one. */
  readonly before: string | null;
  readonly limit: number;
}

/** Reads orders for their account. Nothing here decides anything. */
export class OrderReader {
  constructor(private readonly session: SqlSession) {}

  async find(account: string, orderId: string): Promise<Order | null> {
    const result = await this.session.query(
      `select ${ORDER_JSON} as "order" from customer_order o where o.id = $1 and o.account = $2`,
      [orderId, account],
    );
    return rowsOf<{ order: Order }>(result)[0]?.order ?? null;
  }

  /** Newest first: ids are time-ordered, so the key of the index is the order of the list. */
  async list({ account, status, before, limit }: OrderPage): Promise<readonly Order[]> {
    const result = await this.session.query(
      `select ${ORDER_JSON} as "order"
         from customer_order o
        where o.account = $1
          and ($2::text is null or o.status = $2)
          and ($3::uuid is null or o.id < $3)
        order by o.id desc
        limit $4`,
      [account, status, before, limit],
    );
    return rowsOf<{ order: Order }>(result).map(({ order }) => order);
  }

  async timeline(orderId: string): Promise<readonly TimelineLine[]> {
    const result = await this.session.query(
      `select t.seq, ${isoTime('t.at')} as at, t.service, t.replica, t.saga_id as saga, t.step, t.direction, t.generation,
              t.attempt, t.event, t.outcome, t.message_id as "messageId", t.cause, t.trace_id as "traceId", t.detail
         from saga_timeline t
        where t.subject_id = $1
        order by t.seq`,
      [orderId],
    );
    return rowsOf<TimelineLine>(result);
  }
}
