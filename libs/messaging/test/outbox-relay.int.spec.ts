import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DataSource } from 'typeorm';
import {
  eventually,
  FaultProxy,
  testDatabase,
  testVhost,
  type Fault,
  type TestDatabase,
  type TestVhost,
} from '@once/testing';
import {
  PostgresOutboxStore,
  rowsOf,
  type ConfirmingPublisher,
  type OutboxRelay,
  type OutgoingMessage,
} from '../src/index.js';
import {
  insert,
  insertDue,
  makeDue,
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
  let proxy: FaultProxy;
  let publisher: ConfirmingPublisher;
  let relay: OutboxRelay;

  beforeAll(async () => {
    [database, vhost] = await Promise.all([testDatabase(), testVhost()]);
    session = await openDatabase(database);
    onlooker = await Onlooker.at(vhost);
  });
  beforeEach(async () => {
    proxy = await FaultProxy.before(vhost.amqpUrl);
    publisher = publisherFor(proxy.url);
    await untilUp(publisher);
    relay = relayFor(session, publisher);
  });
  afterEach(async () => {
    await relay.stop();
    await publisher.close();
    await proxy.close();
    await onlooker.drain('once.order');
    await session.query('delete from outbox_message');
  });
  afterAll(async () => {
    await onlooker.close();
    await session.destroy();
    await Promise.all([database.close(), vhost.close()]);
  });

  /** Publishes it right after its commit; the connection is cut at that moment, and found again. */
  const publishAndCut = async (message: OutgoingMessage, at: Pick<Fault, 'moment' | 'event'>): Promise<void> => {
    const cut = proxy.arm({ ...at, action: { kind: 'cut' } });
    relay.publishCommitted(await insert(session, [message]));
    await cut.struck;
    await eventually(() => expect(publisher.state()).toBe('down'), { everyMs: 1 });
    await untilUp(publisher);
  };

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

  it('sweeps what was committed but never published from memory, with all of its envelope', async () => {
    const message = outgoing({ sagaId: 'saga-1', causationId: 'cause-1', payload: null });
    const [committed] = await insert(session, [message]);
    expect((await relay.runOnce()).claimed).toBe(0); // its first lease still belongs to the process that committed it
    await makeDue(session);
    expect(await relay.runOnce()).toEqual({ claimed: 1, confirmed: 1, postponed: 0 });
    const [received] = await onlooker.drain('once.order');
    const { destination: _, ...fields } = message;
    expect(received).toEqual({ ...fields, mintedAt: committed?.committedAt.toISOString() });
    expect(await outboxIds(session)).toEqual([]);
  });

  it('publishes from a polled outbox once, and without waiting for a first lease', async () => {
    await insert(session, [outgoing()]);
    const polled = relayFor(session, publisher, { pollMs: 10 });
    const [one, other] = await Promise.all([polled.runOnce(), polled.runOnce()]);
    expect(one.confirmed + other.confirmed).toBe(1);
    expect(await outboxIds(session)).toEqual([]);
  });

  it('publishes both of two overlapping transactions that commit in reverse', async () => {
    const [first, second] = [outgoing(), outgoing()];
    const slow = session.createQueryRunner();
    await slow.startTransaction();
    await insertDue(slow, [first]);
    await insertDue(session, [second]);
    expect((await relay.runOnce()).confirmed).toBe(1);
    await slow.commitTransaction();
    await slow.release();
    expect((await relay.runOnce()).confirmed).toBe(1);
    expect((await onlooker.drain('once.order')).map(({ id }) => id)).toEqual([second.id, first.id]);
  });

  it('does not wait for rows that another relay is claiming', async () => {
    const [held, free] = [outgoing(), outgoing()];
    await insertDue(session, [held, free]);
    const other = session.createQueryRunner();
    await other.startTransaction();
    await other.query('select 1 from outbox_message where id = $1 for update', [held.id]);
    const pass = relay.runOnce();
    try {
      await eventually(async () => expect(await outboxIds(session)).toEqual([held.id]));
    } finally {
      await other.rollbackTransaction();
      await other.release();
      await pass;
    }
  });

  it('keeps the row of a message that the broker returns, tells why, and lets the others pass', async () => {
    const [lost, good] = [outgoing({ destination: 'nobody' }), outgoing()];
    await insertDue(session, [lost, good]);
    expect(await relay.runOnce()).toEqual({ claimed: 2, confirmed: 1, postponed: 1 });
    const rows = rowsOf<object>(await session.query('select id, attempts, last_error from outbox_message'));
    expect(rows).toEqual([{ id: lost.id, attempts: 1, last_error: 'returned by the broker: NO_ROUTE' }]);
    expect((await relay.runOnce()).claimed).toBe(0); // it waits for its own backoff
    await onlooker.channel.assertQueue('late');
    await onlooker.channel.bindQueue('late', 'once', 'nobody');
    await makeDue(session);
    expect((await relay.runOnce()).confirmed).toBe(1);
    expect((await onlooker.drain('late')).map(({ id }) => id)).toEqual([lost.id]);
  });

  it('keeps the row of a message that the broker returns right after the commit', async () => {
    const message = outgoing({ destination: 'nowhere' });
    relay.publishCommitted(await insert(session, [message]));
    await relay.stop();
    expect(await outboxIds(session)).toEqual([message.id]);
  });

  it('lets good messages pass a full page of messages that can never leave', async () => {
    await insertDue(
      session,
      Array.from({ length: 600 }, (_, n) => outgoing({ destination: n % 2 === 0 ? 'nobody-here' : 'x'.repeat(300) })),
    );
    const good = outgoing();
    await insertDue(session, [good]);
    await relay.runOnce();
    await relay.runOnce();
    expect((await onlooker.drain('once.order')).map(({ id }) => id)).toEqual([good.id]);
    expect(await outboxIds(session)).toHaveLength(600);
  });

  it('publishes again when the connection is cut after the broker has the message and before the confirm', async () => {
    const message = outgoing();
    await publishAndCut(message, { moment: 'before', event: 'confirm' });
    expect(await outboxIds(session)).toEqual([message.id]);
    await makeDue(session);
    expect((await relay.runOnce()).confirmed).toBe(1);
    expect((await onlooker.drain('once.order')).map(({ id }) => id)).toEqual([message.id, message.id]);
    expect(await outboxIds(session)).toEqual([]);
  });

  it('publishes again when the connection is cut before the broker has the message', async () => {
    const message = outgoing();
    await publishAndCut(message, { moment: 'before', event: 'publish' });
    await makeDue(session);
    expect((await relay.runOnce()).confirmed).toBe(1);
    expect((await onlooker.drain('once.order')).map(({ id }) => id)).toEqual([message.id]);
  });

  it('publishes again what a relay published but died before deleting', async () => {
    const store = new PostgresOutboxStore(session);
    const dying = relayFor({ claim: (n, ms) => store.claim(n, ms), remove: killed, postpone: killed }, publisher);
    const message = outgoing();
    await insertDue(session, [message]);
    await expect(dying.runOnce()).rejects.toThrow('killed');
    expect(await outboxIds(session)).toEqual([message.id]);
    expect((await relay.runOnce()).claimed).toBe(0); // the lease of the dead relay
    await makeDue(session);
    await relay.runOnce();
    expect((await onlooker.drain('once.order')).map(({ id }) => id)).toEqual([message.id, message.id]);
  });

  it('ignores what a relay wants to postpone after its lease passed to another', async () => {
    const message = outgoing();
    await insertDue(session, [message]);
    const store = new PostgresOutboxStore(session);
    const [stale] = await store.claim(1, 0);
    const [current] = await store.claim(1, 60_000);
    expect([stale?.attempts, current?.attempts]).toEqual([1, 2]);
    await store.postpone([{ id: message.id, attempts: 1, reason: 'stale', afterMs: 0 }]);
    expect(await store.claim(1, 60_000)).toEqual([]);
  });

  it('leaves messages to the sweep while the broker is away, and sends them when it is back', async () => {
    await proxy.refuse();
    proxy.cutAll();
    await eventually(() => expect(publisher.state()).toBe('down'));
    const message = outgoing();
    relay.publishCommitted(await insert(session, [message]));
    await makeDue(session);
    relay.start();
    expect(await relay.runOnce()).toEqual({ claimed: 0, confirmed: 0, postponed: 0 });
    await proxy.accept();
    await eventually(async () => expect(await outboxIds(session)).toEqual([]), { withinMs: 15_000 });
    expect((await onlooker.drain('once.order')).map(({ id }) => id)).toEqual([message.id]);
  });

  it('declares the topology again when the broker has lost it', async () => {
    await onlooker.channel.deleteQueue('once.order');
    await onlooker.channel.deleteExchange('once');
    const message = outgoing();
    await insertDue(session, [message]);
    await relay.runOnce(); // to an exchange that is not there: the broker closes the channel
    await untilUp(publisher);
    await makeDue(session);
    await eventually(async () => {
      await relay.runOnce();
      expect(await outboxIds(session)).toEqual([]);
    });
    expect((await onlooker.drain('once.order')).map(({ id }) => id)).toEqual([message.id]);
  });

  it('sends what memory holds before it stops', async () => {
    const messages = Array.from({ length: 1_000 }, () => outgoing());
    relay.publishCommitted(await insert(session, messages));
    await relay.stop();
    expect(await outboxIds(session)).toEqual([]);
    expect(await onlooker.drain('once.order')).toHaveLength(1_000);
  });

  it('deletes without waiting for the disk', async () => {
    // A deferred trigger runs inside the commit, so it sees what the commit will go by.
    await session.query(`create table seen (setting text)`);
    await session.query(`create function look() returns trigger language plpgsql as
      $$ begin insert into seen values (current_setting('synchronous_commit')); return null; end $$`);
    await session.query(`create constraint trigger look after delete on outbox_message
      deferrable initially deferred for each row execute function look()`);
    const message = outgoing();
    await insertDue(session, [message]);
    await new PostgresOutboxStore(session).remove([message.id]);
    await session.query('drop trigger look on outbox_message');
    expect(rowsOf<object>(await session.query('select setting from seen'))).toEqual([{ setting: 'off' }]);
    expect(rowsOf<object>(await session.query('show synchronous_commit'))).toEqual([{ synchronous_commit: 'on' }]);
  });

  it('loses none of ten thousand rows to two relays', async () => {
    const messages = Array.from({ length: 10_000 }, () => outgoing());
    for (let start = 0; start < messages.length; start += 1_000)
      await insert(session, messages.slice(start, start + 1_000));
    await makeDue(session);
    const otherPublisher = publisherFor(vhost.amqpUrl);
    await untilUp(otherPublisher);
    const other = relayFor(session, otherPublisher);
    relay.start();
    other.start();
    await eventually(async () => expect(await outboxIds(session)).toEqual([]), { withinMs: 45_000, everyMs: 200 });
    await other.stop();
    await otherPublisher.close();
    const received = await onlooker.drain('once.order');
    expect(new Set(received.map(({ id }) => id))).toEqual(new Set(messages.map(({ id }) => id)));
    expect(received).toHaveLength(10_000); // no faults, so no duplicates either
  });
});

function killed(): Promise<never> {
  return Promise.reject(new Error('killed'));
}
