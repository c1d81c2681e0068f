import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { CreateIdempotencyRecord1700000000010, type SqlSession } from '@once/idempotency';
import {
  CreateFailedDelivery1700000000021,
  CreateOutboxMessage1700000000020,
  type CommittedMessage,
} from '@once/messaging';
import { classifyDatabaseError, openDatabase, pgSession } from '@once/service-kit';
import { QueriedDatabase, testDatabase, type TestDatabase } from '@once/testing';
import { expect } from 'vitest';
import type { SendResult } from '../src/channel/mail-channel.js';
import type { Correspondence, Template } from '../src/correspondence/correspondence.js';
import { Correspondences } from '../src/correspondence/correspondences.js';
import {
  decide,
  type CorrespondenceChange,
  type CorrespondenceInput,
  type CorrespondenceState,
} from '../src/correspondence/correspondence-work.js';
import { CorrespondenceStore } from '../src/persistence/correspondence-store.js';
import { CreateCorrespondence1700000000100 } from '../src/persistence/migrations/1700000000100-create-correspondence.js';
import { CreateMailAttempt1700000000110 } from '../src/persistence/migrations/1700000000110-create-mail-attempt.js';
import { ATTEMPT_ID, MESSAGE_ID, NOW, operationOf, requestFor, TERMS } from './mails.js';

Logger.overrideLogger(false);

const NOTHING_STORED: CorrespondenceState = { correspondence: null, record: null, unknownAttempts: 0, now: NOW };

/** A database with the notification service's tables, and as many stores on it as there are replicas. */
export class CorrespondenceDatabase extends QueriedDatabase {
  private constructor(
    readonly session: SqlSession,
    database: TestDatabase,
    disconnect: () => Promise<void>,
  ) {
    super(database, disconnect);
  }

  static async open(): Promise<CorrespondenceDatabase> {
    const database = await testDatabase();
    const dataSource = await openDatabase({
      url: database.url,
      applicationName: 'notification-test',
      migrations: [
        CreateIdempotencyRecord1700000000010,
        CreateOutboxMessage1700000000020,
        CreateFailedDelivery1700000000021,
        CreateCorrespondence1700000000100,
        CreateMailAttempt1700000000110,
      ],
      entities: [],
      poolSize: 8,
      leaseMs: TERMS.lease.leaseMs,
    });
    return new CorrespondenceDatabase(pgSession(dataSource), database, () => dataSource.destroy());
  }

  /** A replica's store, and what it hands to its relay. */
  store(session: SqlSession = this.session): CorrespondenceStore & { readonly published: readonly CommittedMessage[] } {
    const published: CommittedMessage[] = [];
    const relay = { publishCommitted: (messages: readonly CommittedMessage[]) => void published.push(...messages) };
    return Object.assign(new CorrespondenceStore(session, relay), { published });
  }

  replica(store: CorrespondenceStore = this.store()): Correspondences {
    return new Correspondences(store, TERMS, { batchMax: 50, waitMs: 5_000, classify: classifyDatabaseError });
  }

  /** Decides the inputs on what is stored, and commits nothing. */
  async decideAll(...inputs: readonly CorrespondenceInput[]): Promise<readonly CorrespondenceChange[]> {
    const states = await this.store().load(inputs);
    return inputs.map((input, index) => {
      const decision = decide(states[index] ?? NOTHING_STORED, input, TERMS);
      if (decision.kind !== 'change') throw new Error(`${input.kind} changes nothing`);
      return decision.change;
    });
  }

  /** Decides and commits, for what a test takes as given. */
  async given(...inputs: readonly CorrespondenceInput[]): Promise<void> {
    for (const input of inputs) expect((await this.store().commit(await this.decideAll(input))).size).toBe(1);
  }

  async find(orderId: string): Promise<Correspondence | null> {
    const [state] = await this.store().load([attempt(orderId, 'confirmed')]);
    return state?.correspondence ?? null;
  }

  /** How many rows, records (of them finished) and messages are stored about these orders. */
  async count(...orderIds: readonly string[]) {
    const [counts] = await this.rows<{ rows: number; records: number; finished: number; messages: number }>(
      `select (select count(*)::int from correspondence where order_id = any($1)) as rows,
              (select count(*)::int from idempotency_record where split_part(subject, '/', 1) = any($2)) as records,
              (select count(outcome)::int from idempotency_record where split_part(subject, '/', 1) = any($2)) as finished,
              (select count(*)::int from outbox_message where payload->>'orderId' = any($2)) as messages`,
      [orderIds, orderIds],
    );
    return counts;
  }
}

/** Each order has a saga of its own, so that the operations of two orders are two. */
export const request = (orderId: string, template: Template, generation = 1): CorrespondenceInput => ({
  kind: 'request',
  message: { id: MESSAGE_ID, mintedAt: new Date().toISOString() },
  request: requestFor(template, { orderId, operation: operationOf(template, { sagaId: orderId, generation }) }),
});

export const attempt = (
  orderId: string,
  template: Template,
  { id = ATTEMPT_ID, isFirst = true } = {},
): CorrespondenceInput => ({
  kind: 'attempt',
  isFirst,
  id,
  orderId,
  template,
});

export const attempted = (
  orderId: string,
  template: Template,
  { id = ATTEMPT_ID, outcome = 'sent' }: { readonly id?: string; readonly outcome?: SendResult } = {},
): CorrespondenceInput => ({ kind: 'attempted', id, orderId, template, outcome });

export const newOrderIds = (count: number): string[] => Array.from({ length: count }, () => randomUUID()).toSorted();
