import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { CreateIdempotencyRecord1700000000010, type SqlSession } from '@once/idempotency';
import {
  CreateFailedDelivery1700000000021,
  CreateOutboxMessage1700000000020,
  type CommittedMessage,
} from '@once/messaging';
import { openDatabase, pgSession } from '@once/service-kit';
import { QueriedDatabase, testDatabase, type TestDatabase } from '@once/testing';
import { expect } from 'vitest';
import { AddPaymentUndecided1700000000110 } from '../src/persistence/migrations/1700000000110-add-payment-undecided.js';
import { CreatePayment1700000000100 } from '../src/persistence/migrations/1700000000100-create-payment.js';
import { PaymentStore } from '../src/persistence/payment-store.js';
import type { Payment } from '../src/payment/payment.js';
import { decide, type PaymentChange, type PaymentInput } from '../src/payment/payment-work.js';
import { NOW, TERMS } from './payments.js';

Logger.overrideLogger(false);

/** A database with the payment service's tables, and as many stores on it as there are replicas. */
export class PaymentDatabase extends QueriedDatabase {
  private constructor(
    readonly session: SqlSession,
    database: TestDatabase,
    disconnect: () => Promise<void>,
  ) {
    super(database, disconnect);
  }

  static async open(): Promise<PaymentDatabase> {
    const database = await testDatabase();
    const dataSource = await openDatabase({
      url: database.url,
      applicationName: 'payment-test',
      migrations: [
        CreateIdempotencyRecord1700000000010,
        CreateOutboxMessage1700000000020,
        CreateFailedDelivery1700000000021,
        CreatePayment1700000000100,
        AddPaymentUndecided1700000000110,
      ],
      entities: [],
      poolSize: 8,
      leaseMs: TERMS.lease.leaseMs,
    });
    return new PaymentDatabase(pgSession(dataSource), database, () => dataSource.destroy());
  }

  /** A replica's store, and what it hands to its relay. */
  store(session: SqlSession = this.session): PaymentStore & { readonly published: readonly CommittedMessage[] } {
    const published: CommittedMessage[] = [];
    const relay = { publishCommitted: (messages: readonly CommittedMessage[]) => void published.push(...messages) };
    return Object.assign(new PaymentStore(session, relay), { published });
  }

  /** Decides the inputs on what is stored, and commits nothing. */
  async decideAll(...inputs: readonly PaymentInput[]): Promise<readonly PaymentChange[]> {
    const states = await this.store().load(inputs);
    return inputs.map((input, index) => {
      const decision = decide(states[index] ?? { payment: null, record: null, now: NOW }, input, TERMS);
      if (decision.kind !== 'change') throw new Error(`${input.kind} changes nothing`);
      return decision.change;
    });
  }

  /** Decides and commits, for what a test takes as given. */
  async given(...inputs: readonly PaymentInput[]): Promise<void> {
    for (const input of inputs) expect((await this.store().commit(await this.decideAll(input))).size).toBe(1);
  }

  async paymentOf(orderId: string): Promise<Payment | null> {
    const [state] = await this.store().load([{ kind: 'review', orderId }]);
    return state?.payment ?? null;
  }

  /** How many payments, records and messages are stored about these orders. */
  async count(...orderIds: readonly string[]): Promise<{ payments: number; records: number; messages: number }> {
    const [counts] = await this.rows<{ payments: number; records: number; messages: number }>(
      `select (select count(*)::int from payment where order_id = any($1)) as payments,
              (select count(*)::int from idempotency_record where subject = any($2)) as records,
              (select count(*)::int from outbox_message where payload->>'orderId' = any($2)) as messages`,
      [orderIds, orderIds],
    );
    return counts ?? { payments: 0, records: 0, messages: 0 };
  }
}

export const newOrderIds = (count: number): string[] => Array.from({ length: count }, () => randomUUID()).sort();
