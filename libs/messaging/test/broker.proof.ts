import { setTimeout as pause } from 'node:timers/promises';
import { eventually, ownBroker, type OwnBroker } from '@once/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { done, type Verdict } from '../src/index.js';
import {
  bodyOf,
  failedDeliveries,
  insert,
  makeDue,
  outboxIds,
  outgoing,
  publisherFor,
  relayFor,
  untilUp,
} from './support.js';
import { TransportBench } from './transport-support.js';

/** Longer than the broker waits for an acknowledgement, which a service refuses to be configured for. */
const HANDLER_MS = 8_000;

describe('a consumer timeout of three seconds', () => {
  let broker: OwnBroker;
  let bench: TransportBench;

  beforeAll(async () => {
    broker = await ownBroker();
    // The broker looks for late acknowledgements once a minute otherwise.
    await broker.control(
      'eval',
      'application:set_env(rabbit, consumer_timeout, 3000), application:set_env(rabbit, channel_tick_interval, 500).',
    );
    bench = await TransportBench.open(broker);
  });
  afterEach(() => bench.clear());
  afterAll(async () => {
    await bench.close();
    await broker.close();
  });

  it('makes a dead letter of a message whose handler takes eight, lets its neighbours pass, and leaves one consumer', async () => {
    const slow = outgoing();
    const quick = Array.from({ length: 20 }, () => outgoing());
    const handled = new Set<string>();
    await bench.start({ attemptsMax: 2, graceMs: 0 }, async ({ envelope }): Promise<Verdict> => {
      if (envelope.id === slow.id) await pause(HANDLER_MS);
      else handled.add(envelope.id);
      return done;
    });
    await bench.untilUp();
    for (const body of [slow, ...quick].map(bodyOf)) bench.send(body);

    await eventually(() => expect(handled).toEqual(new Set(quick.map(({ id }) => id))), { withinMs: 30_000 });
    await eventually(async () => expect(await failedDeliveries(bench.session)).toHaveLength(1), { withinMs: 90_000 });
    expect(await failedDeliveries(bench.session)).toMatchObject([{ message_id: slow.id, next_attempt_at: null }]);
    await pause(HANDLER_MS); // the last handler of the slow message ends, and its acknowledgement is void
    await bench.untilUp();
    expect([await bench.consumers(), await bench.waiting()]).toEqual([1, 0]);
  });

  it('costs a message that is slow once a redelivery and nothing else', async () => {
    let runs = 0;
    await bench.start({}, async (): Promise<Verdict> => {
      runs += 1;
      if (runs === 1) await pause(HANDLER_MS);
      return done;
    });
    await bench.untilUp();
    bench.send(bodyOf(outgoing()));
    await bench.untilDelivered(2);
    await pause(HANDLER_MS);
    expect(bench.script.deliveries.map(({ isRedelivered }) => isRedelivered)).toEqual([false, true]);
    expect([await failedDeliveries(bench.session), await bench.consumers(), await bench.waiting()]).toEqual([[], 1, 0]);
  });
});

describe('a broker whose disk is full', () => {
  let broker: OwnBroker;
  let bench: TransportBench;

  beforeAll(async () => {
    broker = await ownBroker();
    bench = await TransportBench.open(broker);
  });
  afterAll(async () => {
    await bench.close();
    await broker.close();
  });

  it('is given nothing until it takes messages again, and goes on delivering what it has', async () => {
    const publisher = publisherFor(bench.proxy.url);
    await untilUp(publisher);
    const relay = relayFor(bench.session, publisher);
    bench.send(bodyOf(outgoing()));
    await eventually(async () => expect(await bench.waiting()).toBe(1));
    await broker.control('set_disk_free_limit', 'mem_relative', '1000');

    // A broker tells a publisher of its alarm when it hears from it.
    relay.publishCommitted(await insert(bench.session, [outgoing()]));
    await eventually(() => expect(publisher.state()).toBe('blocked'), { withinMs: 10_000 });
    const published = bench.proxy.count('publish');
    relay.publishCommitted(await insert(bench.session, [outgoing(), outgoing()]));
    await makeDue(bench.session);
    expect(await relay.runOnce()).toEqual({ claimed: 0, confirmed: 0, postponed: 0 });
    expect(bench.proxy.count('publish')).toBe(published);
    expect(await outboxIds(bench.session)).toHaveLength(3);

    await bench.start();
    await bench.untilDelivered(1);
    await eventually(async () => expect(await bench.waiting()).toBe(0)); // acknowledged, on a connection of its own

    await broker.control('set_disk_free_limit', '50MB');
    await untilUp(publisher);
    await makeDue(bench.session);
    relay.start();
    await bench.untilDelivered(4);
    await eventually(async () => expect(await outboxIds(bench.session)).toEqual([]));
    await relay.stop();
    await publisher.close();
    await bench.stop();
  });
});
