import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DataSource } from 'typeorm';
import { testDatabase, type TestDatabase } from '@once/testing';
import {
  MessagingReaper,
  PostgresDeadLetterStore,
  PostgresFailedDeliveryStore,
  type DeadLetter,
  type FailedDelivery,
  type NextStep,
} from '../src/index.js';
import { bodyOf, failedDeliveries, openDatabase, outgoing } from './support.js';

describe('dead letters', () => {
  let database: TestDatabase;
  let session: DataSource;
  let deliveries: PostgresFailedDeliveryStore;
  let deadLetters: PostgresDeadLetterStore;

  beforeAll(async () => {
    database = await testDatabase();
    session = await openDatabase(database);
    deliveries = new PostgresFailedDeliveryStore(session, 'once.order');
    deadLetters = new PostgresDeadLetterStore(session, 'once.order');
  });
  beforeEach(() => session.query('truncate failed_delivery, delivery_attempt'));
  afterAll(async () => {
    await session.destroy();
    await database.close();
  });

  const bury = async (next: NextStep = { kind: 'dead-letter' }): Promise<FailedDelivery> => {
    const message = outgoing({ sagaId: 'saga-1' });
    const failure: FailedDelivery = {
      body: bodyOf(message),
      properties: { exchange: 'once', headers: { nul: 'a\0b' } },
      messageId: message.id,
      type: message.type,
      sagaId: message.sagaId,
      reason: 'not\0ours',
      stack: 'Error: not ours',
      attempts: 3,
      next,
    };
    await deliveries.record(failure);
    return failure;
  };
  const list = async (limit = 20): Promise<readonly DeadLetter[]> => {
    const page = await deadLetters.list(limit, null);
    return page.kind === 'page' ? page.data : [];
  };

  it('are listed newest first, in pages, without those that wait for a retry', async () => {
    const buried: FailedDelivery[] = [];
    for (let n = 0; n < 5; n += 1) buried.push(await bury());
    await bury({ kind: 'retry', afterMs: 0 });
    const seen: (string | null)[] = [];
    let cursor: string | null = null;
    do {
      const page = await deadLetters.list(2, cursor);
      if (page.kind !== 'page') throw new Error('bad cursor');
      expect(page.data.length).toBeLessThanOrEqual(2);
      seen.push(...page.data.map(({ messageId }) => messageId));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(seen).toEqual(buried.map(({ messageId }) => messageId).toReversed());
  });

  it.each(['', 'x', Buffer.from('2026-01-01 00:00:00+00 x').toString('base64url'), '%%%'])(
    'refuse the cursor %j',
    async (cursor) => {
      expect(await deadLetters.list(10, cursor)).toEqual({ kind: 'bad-cursor' });
    },
  );

  it('are shown with reason, stack, properties and the original bytes', async () => {
    const { body } = await bury();
    const [summary] = await list();
    expect(summary).toMatchObject({ reason: 'not\uFFFDours', attempts: 3, sagaId: 'saga-1', redrivenAt: null });
    const detail = await deadLetters.find(summary?.id ?? '');
    expect(detail).toMatchObject({ ...summary, stack: 'Error: not ours', properties: { exchange: 'once' } });
    expect(detail?.body.equals(body)).toBe(true);
  });

  it('are due again after a redrive, with the same bytes and their attempts counted anew', async () => {
    const { body, messageId } = await bury();
    await deliveries.countAttempt(messageId ?? '');
    const [letter] = await list();
    expect(await deadLetters.redrive(letter?.id ?? '')).toBe(true);
    expect(await list()).toEqual([]);
    const [claimed] = await deliveries.claimDue(10, 10_000);
    expect(claimed?.attempt).toBe(1);
    expect(claimed?.body.equals(body)).toBe(true);
    expect(await deliveries.attemptsOf(messageId ?? '')).toBe(0);
  });

  it('are redriven by one of two operators', async () => {
    await bury();
    const [letter] = await list();
    const id = letter?.id ?? '';
    const answers = await Promise.all([deadLetters.redrive(id), deadLetters.redrive(id)]);
    expect(answers.toSorted()).toEqual([false, true]);
  });

  it('are gone from the list once discarded, and come back when the message fails again', async () => {
    const failure = await bury();
    const [letter] = await list();
    expect(await deadLetters.discard(letter?.id ?? '', 'sent by a test')).toBe(true);
    expect(await deadLetters.discard(letter?.id ?? '', 'again')).toBe(false);
    expect(await deadLetters.redrive(letter?.id ?? '')).toBe(false);
    expect(await deadLetters.find(letter?.id ?? '')).toBeUndefined();
    expect(await list()).toEqual([]);
    await deliveries.record(failure);
    expect(await list()).toHaveLength(1);
  });

  it.each(['', 'not-a-uuid', '01920000-0000-7000-8000-000000000001'])('do not know the id %j', async (id) => {
    expect(await deadLetters.find(id)).toBeUndefined();
    expect(await deadLetters.redrive(id)).toBe(false);
    expect(await deadLetters.discard(id, 'note')).toBe(false);
  });

  it('of another queue are not touched', async () => {
    await bury();
    const other = new PostgresDeadLetterStore(session, 'once.payment');
    const [letter] = await list();
    expect(await other.list(10, null)).toEqual({ kind: 'page', data: [], nextCursor: null });
    expect(await other.redrive(letter?.id ?? '')).toBe(false);
  });

  it('are reaped when they were discarded long ago, and only then', async () => {
    for (let n = 0; n < 3; n += 1) await bury();
    const [first, second] = await list();
    await deadLetters.discard(first?.id ?? '', 'old');
    await deadLetters.discard(second?.id ?? '', 'young');
    await session.query(`update failed_delivery set discarded_at = discarded_at - interval '2 days' where id = $1`, [
      first?.id,
    ]);
    await deliveries.countAttempt('01920000-0000-7000-8000-000000000001');
    await deliveries.countAttempt('01920000-0000-7000-8000-000000000002');
    await session.query(
      `update delivery_attempt set counted_at = counted_at - interval '2 days' where message_id = '01920000-0000-7000-8000-000000000001'`,
    );
    const reaper = new MessagingReaper(session, 86_400_000);
    expect(await reaper.runOnce()).toEqual({ discarded: 1, counts: 1 });
    expect(await reaper.runOnce()).toEqual({ discarded: 0, counts: 0 });
    expect(await failedDeliveries(session)).toHaveLength(2);
  });
});
