import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DataSource } from 'typeorm';
import { testDatabase, type TestDatabase } from '@once/testing';
import { PostgresFailedDeliveryStore, type FailedDelivery, type NextStep } from '../src/index.js';
import { bodyOf, failedDeliveries, openDatabase, outgoing } from './support.js';

describe('failed-delivery store', () => {
  let database: TestDatabase;
  let session: DataSource;
  let deliveries: PostgresFailedDeliveryStore;

  beforeAll(async () => {
    database = await testDatabase();
    session = await openDatabase(database);
    deliveries = new PostgresFailedDeliveryStore(session, 'once.order');
  });
  beforeEach(() => session.query('truncate failed_delivery, delivery_attempt'));
  afterAll(async () => {
    await session.destroy();
    await database.close();
  });

  it('gives a retry to one sweeper at a time, and ignores what a stale one decides', async () => {
    await deliveries.record(failureOf({ kind: 'retry', afterMs: 0 }));
    const [stale] = await deliveries.claimDue(10, 0);
    const [current] = await deliveries.claimDue(10, 60_000);
    expect(await deliveries.claimDue(10, 60_000)).toEqual([]);
    expect([stale?.attempt, current?.attempt]).toEqual([2, 3]);
    if (stale === undefined || current === undefined) throw new Error('nothing was claimed');
    expect(await deliveries.resolve(stale)).toBe(false);
    expect(await deliveries.failAgain(stale, 'stale', null, { kind: 'dead-letter' })).toBe(false);
    expect(await deliveries.failAgain(current, 'busy', null, { kind: 'retry', afterMs: 0 })).toBe(true);
    expect(await deliveries.claimDue(10, 60_000)).toMatchObject([{ attempt: 4 }]);
    expect(await deliveries.resolve({ ...current, attempt: 4 })).toBe(true);
    expect(await failedDeliveries(session)).toEqual([]);
  });

  it('keeps the newest verdict on the same bytes, and of two retries the earlier', async () => {
    const failure = failureOf({ kind: 'retry', afterMs: 60_000 });
    await deliveries.record(failure);
    await deliveries.record({ ...failure, next: { kind: 'retry', afterMs: 600_000 }, attempts: 2 });
    const [retry] = await failedDeliveries(session);
    expect(retry).toMatchObject({ attempts: 2, dead_lettered_at: null });
    expect((retry?.next_attempt_at?.getTime() ?? Infinity) - Date.now()).toBeLessThan(120_000);
    await deliveries.record({ ...failure, reason: 'never', next: { kind: 'dead-letter' }, attempts: 1 });
    expect(await failedDeliveries(session)).toMatchObject([{ reason: 'never', attempts: 2, next_attempt_at: null }]);
    await deliveries.record(failure);
    expect(await failedDeliveries(session)).toMatchObject([{ attempts: 2, dead_lettered_at: null }]);
  });

  it('counts attempts of a message per queue and forgets them when it is handled', async () => {
    const { id } = outgoing();
    const elsewhere = new PostgresFailedDeliveryStore(session, 'once.payment');
    expect(await deliveries.attemptsOf(id)).toBe(0);
    expect([await deliveries.countAttempt(id), await deliveries.countAttempt(id)]).toEqual([1, 2]);
    expect([await deliveries.attemptsOf(id), await elsewhere.attemptsOf(id)]).toEqual([2, 0]);
    await deliveries.forgetAttempts(id);
    expect(await deliveries.attemptsOf(id)).toBe(0);
  });
});

function failureOf(next: NextStep): FailedDelivery {
  const message = outgoing();
  return {
    body: bodyOf(message),
    properties: {},
    messageId: message.id,
    type: message.type,
    sagaId: null,
    reason: 'busy',
    stack: null,
    attempts: 1,
    next,
  };
}
