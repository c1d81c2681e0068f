import { Logger } from '@nestjs/common';
import { CreateIdempotencyRecord1700000000010, type AtomicOptions, type SqlSession } from '@once/idempotency';
import {
  CreateFailedDelivery1700000000021,
  CreateOutboxMessage1700000000020,
  type CommittedMessage,
} from '@once/messaging';
import { CreateSaga1700000000030, type SagaInstance } from '@once/saga';
import { classifyDatabaseError, openDatabase, pgSession } from '@once/service-kit';
import { QueriedDatabase, testDatabase, type TestDatabase } from '@once/testing';
import type { QueryResultRow } from 'pg';
import type { Order } from '../src/order/order.js';
import { CreateOrder1700000000100 } from '../src/persistence/migrations/1700000000100-create-order.js';
import type { OrderChange } from '../src/persistence/order-change.js';
import { OrderExecutors } from '../src/persistence/order-executors.js';
import { OrderStore } from '../src/persistence/order-store.js';
import { decidePlaceOrder, type PlaceOrderInput } from '../src/place-order/place-order.work.js';
import { checkout, refund, RETENTION_MS } from './order-story.js';

Logger.overrideLogger(false);

export interface Counts {
  readonly orders: number;
  readonly sagas: number;
  readonly lines: number;
  readonly records: number;
  readonly messages: number;
}

/** A database with the order service's tables, and as many stores and replicas on it as a test wants. */
export class OrderDatabase extends QueriedDatabase {
  private constructor(
    readonly session: SqlSession,
    database: TestDatabase,
    disconnect: () => Promise<void>,
  ) {
    super(database, disconnect);
  }

  static async open(): Promise<OrderDatabase> {
    const database = await testDatabase();
    const dataSource = await openDatabase({
      url: database.url,
      applicationName: 'order-test',
      migrations: [
        CreateIdempotencyRecord1700000000010,
        CreateOutboxMessage1700000000020,
        CreateFailedDelivery1700000000021,
        CreateSaga1700000000030,
        CreateOrder1700000000100,
      ],
      entities: [],
      poolSize: 8,
      leaseMs: 30_000,
    });
    return new OrderDatabase(pgSession(dataSource), database, () => dataSource.destroy());
  }

  /** A replica's store, and what it hands to its relay. */
  store(session: SqlSession = this.session): OrderStore & { readonly published: readonly CommittedMessage[] } {
    const published: CommittedMessage[] = [];
    const relay = { publishCommitted: (messages: readonly CommittedMessage[]) => void published.push(...messages) };
    return Object.assign(new OrderStore(session, relay, { service: 'order', replica: 0 }), { published });
  }

  replica(options: Partial<AtomicOptions> = {}, store = this.store()): OrderExecutors {
    const standard = { batchMax: 50, waitMs: 20_000, classify: classifyDatabaseError };
    return new OrderExecutors(store, {
      checkout,
      refund,
      retentionMs: RETENTION_MS,
      ...standard,
      ...options,
    });
  }

  async stock(sku: string, available: number): Promise<void> {
    await this.rows(
      `insert into stock_item (sku, unit_amount, currency, available) values ($1, 1200, 'EUR', $2)
           on conflict (sku) do update set available = excluded.available, reserved = 0, sold = 0`,
      [sku, available],
    );
  }

  async stockOf(sku: string): Promise<{ available: number; reserved: number; sold: number } | undefined> {
    const [counts] = await this.rows<{ available: number; reserved: number; sold: number }>(
      'select available::int, reserved::int, sold::int from stock_item where sku = $1',
      [sku],
    );
    return counts;
  }

  /** What placing would change, decided on what is stored; nothing is committed. */
  async decidePlacing(...inputs: readonly PlaceOrderInput[]): Promise<readonly OrderChange[]> {
    const states = await this.store().loadForPlacing(inputs);
    return inputs.map((input, index) => {
      const state = states[index];
      const decision = state && decidePlaceOrder(state, input, { checkout, retentionMs: RETENTION_MS });
      if (decision?.kind !== 'change') throw new Error(`not placed: ${JSON.stringify(decision)}`);
      return decision.change;
    });
  }

  /** An order and its newest saga, as a decision finds them. */
  async find(orderId: string): Promise<{ order: Order; saga: SagaInstance }> {
    const [state] = await this.store().loadForCancelling([{ account: 'demo', orderId, request: null }]);
    if (!state?.order || !state.saga) throw new Error(`there is no order ${orderId}`);
    return { order: state.order, saga: state.saga };
  }

  /** Everything that is stored about these orders. */
  async count(...orderIds: readonly string[]): Promise<Counts | undefined> {
    const [counts] = await this.rows<Counts & QueryResultRow>(
      `select (select count(*)::int from customer_order where id = any($1)) as orders,
              (select count(*)::int from saga where subject_id = any($1)) as sagas,
              (select count(*)::int from saga_timeline where subject_id = any($1)) as lines,
              (select count(*)::int from idempotency_record where subject = any($2)) as records,
              (select count(*)::int from outbox_message where payload->>'orderId' = any($2)) as messages`,
      [orderIds, orderIds],
    );
    return counts;
  }
}
