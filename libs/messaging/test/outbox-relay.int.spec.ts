import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DataSource } from 'typeorm';
import { eventually, testDatabase, testVhost, type TestDatabase, type TestVhost } from '@once/testing';
import type { ConfirmingPublisher, OutboxRelay } from '../src/index.js';
import {
  insert,
  insertDue,
  Onlooker,
  openDatabase,
  outboxIds,
  outgoing,
  publisherFor,
  relayFor,
  untilUp,
} from './support.js';

describe('outbox relay', () => {
  let database: TestDatabase;
  let vhost: TestVhost;
  let session: DataSource;
  let onlooker: Onlooker;
  let publisher: ConfirmingPublisher;
  let relay: OutboxRelay;

  beforeAll(async () => {
    [database, vhost] = await Promise.all([testDatabase(), testVhost()]);
    session = await openDatabase(database);
    onlooker = await Onlooker.at(vhost);
  });
  beforeEach(async () => {
    publisher = publisherFor(vhost.amqpUrl);
    await untilUp(publisher);
    relay = relayFor(session, publisher);
  });
  afterEach(async () => {
    await relay.stop();
    await publisher.close();
    await onlooker.drain('once.order');
    await session.query('delete from outbox_message');
  });
  afterAll(async () => {
    await onlooker.close();
    await session.destroy();
    await Promise.all([database.close(), vhost.close()]);
  });

  it('publishes from memory what has been committed and deletes its rows once it is confirmed', async () => {
    const messages = [outgoing({ payload: { n: 1 } }), outgoing({ payload: { n: 2 } })];
    const committed = await insert(session, messages);
    relay.publishCommitted(committed);
    await eventually(async () => expect(await outboxIds(session)).toEqual([]));
    const received = await onlooker.drain('once.order');
    expect(received.map(({ id }) => id)).toEqual(messages.map(({ id }) => id));
    expect(received[0]?.mintedAt).toBe(committed[0]?.committedAt.toISOString());
  });

  it('publishes nothing of a transaction that rolls back', async () => {
    const runner = session.createQueryRunner();
    await runner.startTransaction();
    await insertDue(runner, [outgoing()]);
    expect((await relay.runOnce()).claimed).toBe(0);
    await runner.rollbackTransaction();
    await runner.release();
    expect((await relay.runOnce()).claimed).toBe(0);
    expect(await onlooker.drain('once.order')).toEqual([]);
  });
});
