import { randomUUID } from 'node:crypto';
import { awaitedOperation } from '@once/saga';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SagaTimer } from '../src/checkout-saga/saga-timer.js';
import type { OrderReceipt } from '../src/order/order.js';
import type { OrderExecutors } from '../src/persistence/order-executors.js';
import { OrderDatabase } from './order-database.js';
import { placing, responseOf } from './order-story.js';

const STALE = 10_000;
const FRESH = 10;
/** What one pass takes at most. */
const PASS_MAX = 100;

let database: OrderDatabase;

beforeAll(async () => {
  database = await OrderDatabase.open();
  await database.stock('mug', 1_000_000);
});
afterAll(() => database.close());

describe('ten thousand sagas that are overdue after an outage', () => {
  it('are asked again page by page, each once, while fresh orders go on', async () => {
    await placeStale(await placeOrder(database.replica()));
    const replica = database.replica();
    const timer = new SagaTimer(database.session, replica, { isFull: () => false });
    const pages: number[] = [];
    const recovery = (async () => {
      for (let due = 1; due > 0;) {
        ({ due } = await timer.runOnce());
        pages.push(due);
      }
    })();

    for (let order = 0; order < FRESH; order += 1) await confirm(replica, await placeOrder(replica));
    const waiting = await countWith(1);
    await recovery;

    // Fresh orders are through while most of the old ones still wait.
    expect(waiting).toBeGreaterThan(STALE / 2);
    expect(Math.max(...pages)).toBe(PASS_MAX);
    expect(await countWith(2)).toBe(STALE);
    const [sent] = await database.rows<{ messages: number }>(
      `select count(*)::int as messages from outbox_message
        where type = 'authorise-payment' and payload->>'orderId' = any (select id::text from customer_order where account = 'stale')`,
    );
    expect(sent?.messages).toBe(STALE);
  }, 120_000);
});

async function placeOrder({ placeOrder: place }: OrderExecutors): Promise<string> {
  const answer = await place.submit(placing([{ sku: 'mug', quantity: 1 }], { key: randomUUID() }));
  return (JSON.parse(responseOf(answer).body) as OrderReceipt).id;
}

/** Copies of one order, which all wait for the answer to their first command since before an outage. */
async function placeStale(model: string): Promise<void> {
  await database.rows(
    `with ids as (select gen_random_uuid() as id, n from generate_series(1, $2::int) as n),
          orders as (
            insert into customer_order
            select (jsonb_populate_record(o, jsonb_build_object(
                      'id', i.id, 'account', 'stale', 'idempotency_key', 'stale-' || i.n))).*
              from customer_order o, ids i where o.id = $1)
     insert into saga
     select (jsonb_populate_record(s, jsonb_build_object(
               'id', gen_random_uuid(), 'subject_id', i.id, 'timer_at', now() - interval '1 minute'))).*
       from saga s, ids i where s.subject_id = $1`,
    [model, STALE],
  );
}

async function confirm(replica: OrderExecutors, orderId: string): Promise<void> {
  for (let reply = 0; reply < 3; reply += 1) {
    const { saga } = await database.find(orderId);
    const operation = awaitedOperation(saga);
    if (operation === null) throw new Error(`the saga of ${orderId} awaits nothing`);
    const input = { kind: 'reply', operation, outcome: 'ok' } as const;
    await replica.saga.submit({ orderId, sagaId: saga.id, input, payment: null, messageId: null });
  }
  expect((await database.find(orderId)).order.status).toBe('confirmed');
}

/** Stale sagas that have asked so often. */
async function countWith(attempts: number): Promise<number> {
  const [counts] = await database.rows<{ sagas: number }>(
    `select count(*)::int as sagas from saga s join customer_order o on o.id = s.subject_id
      where o.account = 'stale' and s.attempt = $1`,
    [attempts],
  );
  return counts?.sagas ?? 0;
}
