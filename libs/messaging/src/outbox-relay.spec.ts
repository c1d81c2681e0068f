import { describe, expect, it, vi } from 'vitest';
import { silentLogger } from './logger.js';
import { silentObserver } from './observer.js';
import { OutboxRelay } from './outbox-relay.js';
import type { ClaimedMessage, OutboxStore, PostponedMessage } from './outbox-store.js';
import type { Publication } from './publication.js';
import type { ConnectionState, Publisher, PublishOutcome } from './publisher.js';

const messageOf = (n: number): ClaimedMessage => ({
  id: `01920000-0000-7000-8000-${String(n).padStart(12, '0')}`,
  destination: 'order',
  type: 'test.message',
  version: 1,
  sagaId: null,
  causationId: null,
  traceparent: null,
  payload: {},
  committedAt: new Date(0),
  attempts: 1,
});

const messages = (count: number): ClaimedMessage[] => Array.from({ length: count }, (_, n) => messageOf(n));

class ListStore implements OutboxStore {
  due: ClaimedMessage[] = [];
  claims = 0;
  readonly removed: string[] = [];
  readonly postponed: PostponedMessage[] = [];

  claim(limit: number): Promise<readonly ClaimedMessage[]> {
    this.claims += 1;
    return Promise.resolve(this.due.splice(0, limit));
  }

  remove(ids: readonly string[]): Promise<void> {
    this.removed.push(...ids);
    return Promise.resolve();
  }

  postpone(postponed: readonly PostponedMessage[]): Promise<void> {
    this.postponed.push(...postponed);
    return Promise.resolve();
  }
}

class ScriptedPublisher implements Publisher {
  connection: ConnectionState = 'up';
  readonly published: Publication[] = [];
  answer: (publication: Publication) => Promise<PublishOutcome> = () => Promise.resolve({ kind: 'confirmed' });

  state(): ConnectionState {
    return this.connection;
  }

  publish(publication: Publication): Promise<PublishOutcome> {
    this.published.push(publication);
    return this.answer(publication);
  }
}

function relayOn(store = new ListStore(), publisher = new ScriptedPublisher(), { membersMax = 1, pollMs = 0 } = {}) {
  const leftToSweep = vi.fn<(count: number) => void>();
  const leases = { leaseMs: 10_000, firstLeaseMs: 5_000 };
  const options = { sweepMs: 5, pollMs, ...leases, membersMax, flushMs: 200, random: () => 0 };
  const relay = new OutboxRelay(store, publisher, { ...silentObserver, leftToSweep }, silentLogger, options);
  return { relay, store, publisher, leftToSweep };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('outbox relay', () => {
  it('takes no more into memory than its bound and leaves the rest to the sweep', async () => {
    const { relay, publisher, leftToSweep } = relayOn();
    publisher.answer = () => new Promise(() => {});
    relay.publishCommitted(messages(6_000));
    expect(leftToSweep).toHaveBeenCalledWith(1_000);
    await turn();
    expect(publisher.published).toHaveLength(500); // unconfirmed at a time
  });

  it('sends together what was committed while a publication of its queue was under way', async () => {
    const { relay, publisher } = relayOn(undefined, undefined, { membersMax: 10 });
    const confirms: (() => void)[] = [];
    publisher.answer = () => new Promise((resolve) => confirms.push(() => resolve({ kind: 'confirmed' })));
    const [first, second, third, other] = messages(4);
    const commit = async (...committed: (ClaimedMessage | undefined)[]): Promise<void> => {
      relay.publishCommitted(committed.filter((message) => message !== undefined));
      await turn();
    };
    const sent = () => publisher.published.map(({ messageIds }) => messageIds.length);

    await commit(first);
    await commit(second);
    await commit(third);
    expect(sent()).toEqual([1]);
    await commit(other && { ...other, destination: 'payment' });
    expect(sent()).toEqual([1, 1]);

    confirms[0]?.();
    await turn();
    await turn();
    expect(sent()).toEqual([1, 1, 2]);
    expect(publisher.published[2]?.messageIds).toEqual([second?.id, third?.id]);

    // Who fills a publication waits for nobody.
    await commit(...messages(25).slice(4));
    expect(sent()).toEqual([1, 1, 2, 10, 10]);
  });

  it('publishes nothing from memory when its outbox is polled', async () => {
    const { relay, publisher, leftToSweep } = relayOn(undefined, undefined, { pollMs: 1 });
    relay.publishCommitted(messages(3));
    await turn();
    expect(publisher.published).toHaveLength(0);
    expect(leftToSweep).toHaveBeenCalledWith(3);
  });

  it.each(['down', 'blocked'] as const)(
    'takes nothing into memory and claims nothing while the broker is %s',
    async (state) => {
      const { relay, store, publisher, leftToSweep } = relayOn();
      publisher.connection = state;
      relay.publishCommitted(messages(3));
      expect(leftToSweep).toHaveBeenCalledWith(3);
      await relay.runOnce();
      expect([store.claims, publisher.published]).toEqual([0, []]);
    },
  );

  it('drops what memory holds when the broker goes away, as its rows are in the table', async () => {
    const { relay, publisher, leftToSweep } = relayOn();
    relay.publishCommitted(messages(3));
    publisher.connection = 'down';
    await turn();
    expect(leftToSweep).toHaveBeenCalledWith(3);
    publisher.connection = 'up';
    await relay.stop();
    expect(publisher.published).toEqual([]);
  });

  it('does not publish from memory what waited for half of its first lease', async () => {
    const { relay, publisher, leftToSweep } = relayOn();
    const now = vi.spyOn(performance, 'now').mockReturnValue(0);
    relay.publishCommitted(messages(2));
    now.mockReturnValue(2_501);
    await turn();
    now.mockRestore();
    expect(publisher.published).toEqual([]);
    expect(leftToSweep).toHaveBeenCalledWith(2);
  });

  it('deletes what was confirmed and gives each of the others its own time', async () => {
    const { relay, store, publisher } = relayOn();
    const [confirmed, returned, failed] = messages(3);
    store.due = [confirmed, returned, failed].flatMap((message, n) =>
      message ? [{ ...message, attempts: n + 1 }] : [],
    );
    publisher.answer = ({ messageId }) => {
      if (messageId === returned?.id) return Promise.resolve({ kind: 'returned', reason: 'no queue' });
      return Promise.resolve(
        messageId === failed?.id ? { kind: 'failed', reason: 'no confirm' } : { kind: 'confirmed' },
      );
    };
    expect(await relay.runOnce()).toEqual({ claimed: 3, confirmed: 1, postponed: 2 });
    expect(store.removed).toEqual([confirmed?.id]);
    expect(store.postponed).toEqual([
      { id: returned?.id, attempts: 2, reason: 'no queue', afterMs: 500 },
      { id: failed?.id, attempts: 3, reason: 'no confirm', afterMs: 1_000 },
    ]);
  });

  it('keeps marks that could not be written and writes them later', async () => {
    const { relay, store } = relayOn();
    const remove = vi.spyOn(store, 'remove').mockRejectedValueOnce(new Error('database away'));
    relay.publishCommitted(messages(2));
    await relay.stop();
    expect(remove).toHaveBeenCalledTimes(2);
    expect(store.removed).toHaveLength(2);
  });

  it('leaves a message that cannot be encoded to the sweep and does not throw', async () => {
    const { relay, publisher, leftToSweep } = relayOn();
    relay.publishCommitted([{ ...messageOf(1), payload: 1n }]);
    await turn();
    expect(publisher.published).toEqual([]);
    expect(leftToSweep).toHaveBeenCalledWith(1);
  });

  it.each([0, 1, 2])('takes the others of a batch along when one cannot be encoded (position %i)', async (position) => {
    const { relay, publisher, leftToSweep } = relayOn(undefined, undefined, { membersMax: 50 });
    const batch: ClaimedMessage[] = messages(3).map((each, index) =>
      index === position ? { ...each, payload: 1n } : each,
    );
    relay.publishCommitted(batch);
    await turn();
    const sent = publisher.published.flatMap(({ messageIds }) => messageIds);
    expect(sent).toEqual(batch.flatMap(({ id }, index) => (index === position ? [] : [id])));
    expect(leftToSweep.mock.calls).toEqual([[1]]);
  });

  it('marks every message of a publication that was confirmed, and postpones every one of a publication that was not', async () => {
    const { relay, store, publisher } = relayOn(undefined, undefined, { membersMax: 50 });
    publisher.answer = ({ destination }) =>
      Promise.resolve(destination === 'order' ? { kind: 'confirmed' } : { kind: 'returned', reason: 'no queue' });
    store.due = messages(4).map((each, index) => ({ ...each, destination: index < 2 ? 'order' : 'nowhere' }));
    const [one, two, three, four] = store.due.map(({ id }) => id);
    expect(await relay.runOnce()).toEqual({ claimed: 4, confirmed: 2, postponed: 2 });
    expect(publisher.published).toHaveLength(2);
    expect([store.removed, store.postponed.map(({ id }) => id)]).toEqual([
      [one, two],
      [three, four],
    ]);
  });

  it('goes on sweeping after a pass that failed', async () => {
    const { relay, store } = relayOn();
    vi.spyOn(store, 'claim').mockRejectedValueOnce(new Error('database away'));
    store.due = messages(1);
    relay.start();
    relay.start(); // harmless
    await vi.waitFor(() => expect(store.removed).toHaveLength(1));
    await relay.stop();
  });

  it('stops within its bound when confirms do not come', async () => {
    const { relay, store, publisher } = relayOn();
    publisher.answer = () => new Promise(() => {});
    relay.publishCommitted(messages(1));
    await relay.stop();
    expect(store.removed).toEqual([]);
  });
});
