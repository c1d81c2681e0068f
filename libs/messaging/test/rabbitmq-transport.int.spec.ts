import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '@once/testing';
import { done, retry, type SqlSession } from '../src/index.js';
import { bodyOf, failedDeliveries, outgoing } from './support.js';
import { latch, TransportBench } from './transport-support.js';

describe('RabbitMQ transport', () => {
  let bench: TransportBench;

  beforeAll(async () => {
    bench = await TransportBench.open();
  });
  beforeEach(async () => {
    await bench.start();
    await bench.untilUp();
  });
  afterEach(() => bench.clear());
  afterAll(() => bench.close());

  describe('when the broker', () => {
    it('cancels the consumer, declares the queue again and consumes it once', async () => {
      await bench.onlooker.channel.deleteQueue('once.order');
      await bench.untilDown();
      await bench.untilUp();
      bench.send(bodyOf(outgoing()));
      await bench.untilDelivered(1);
      expect(await bench.consumers()).toBe(1);
    });

    it('loses the connection again and again, never has more than one consumer', async () => {
      for (let loss = 0; loss < 5; loss += 1) {
        bench.proxy.cutAll();
        await bench.untilDown();
        await bench.untilUp();
        expect(await bench.consumers()).toBeLessThanOrEqual(1);
      }
      await eventually(async () => expect(await bench.consumers()).toBe(1));
      bench.send(bodyOf(outgoing()));
      await bench.untilDelivered(1);
      expect(bench.script.deliveries).toHaveLength(1);
    });

    it('goes silent, gives the half-open connection up for another', async () => {
      await bench.start({ heartbeatSeconds: 1 });
      await bench.untilUp();
      bench.proxy.holdAll();
      await bench.untilDown();
      bench.proxy.releaseAll();
      await bench.untilUp();
      bench.send(bodyOf(outgoing()));
      await bench.untilDelivered(1);
      await eventually(() => expect(bench.proxy.connections).toBe(1));
    });

    it('is away at the start, starts nevertheless and consumes when it comes', async () => {
      await bench.proxy.refuse();
      await bench.stop();
      await bench.start();
      expect(bench.transport.state()).toBe('down');
      bench.send(bodyOf(outgoing()));
      await bench.proxy.accept();
      await bench.untilDelivered(1);
    });

    it('gives up on a message, keeps it among the dead letters', async () => {
      const body = bodyOf(outgoing());
      const headers = { 'x-first-death-reason': 'delivery_limit' };
      bench.onlooker.channel.publish('once.dead', 'order', body, { headers });
      await eventually(async () => {
        const [row] = await failedDeliveries(bench.session);
        expect(row).toMatchObject({ reason: 'dead-lettered by the broker: delivery_limit', next_attempt_at: null });
        expect(row?.body.equals(body)).toBe(true);
      });
    });
  });

  describe('when the database', () => {
    const away: SqlSession = { query: () => Promise.reject(new Error('database away')) };

    it('is away, holds the message and records its failure when it is back', async () => {
      let isAway = true;
      const session: SqlSession = { query: (text, values) => (isAway ? away : bench.session).query(text, values) };
      await bench.start({}, () => Promise.reject(new Error('database away')), session);
      bench.send(bodyOf(outgoing()));
      await bench.untilDelivered(1);
      isAway = false;
      await eventually(async () => expect(await failedDeliveries(bench.session)).toMatchObject([{ attempts: 1 }]));
      expect(bench.script.deliveries).toHaveLength(1); // held, not delivered again
    });

    it('is away for too long, gives the message back, at last to the dead-letter queue', async () => {
      await bench.onlooker.channel.assertQueue('given-up');
      await bench.onlooker.channel.bindQueue('given-up', 'once.dead', 'order');
      const message = outgoing();
      const stopRecording = bench.proxy.record();
      await bench.start({ holdMs: 0 }, () => Promise.resolve(retry('database away')), away);
      bench.send(bodyOf(message));
      const givenUp = async (): Promise<number> => (await bench.onlooker.channel.checkQueue('given-up')).messageCount;
      await eventually(async () => expect(await givenUp()).toBe(1), { withinMs: 15_000 });
      expect(bench.script.deliveries).toHaveLength(1); // no redelivery could be counted, so none was run
      // RabbitMQ 4.3 counts only rejects towards the delivery limit, 3.10 both.
      const givenBack = stopRecording().filter(({ kind }) => kind === 'reject');
      expect(new Set(givenBack.map(({ detail }) => detail.split(' ')[0]))).toEqual(new Set(['reject']));
      await bench.start();
      await eventually(async () =>
        expect(await failedDeliveries(bench.session)).toMatchObject([
          { message_id: message.id, reason: 'dead-lettered by the broker: delivery_limit', next_attempt_at: null },
        ]),
      );
    });
  });

  describe('at close', () => {
    const ENDS = 25;

    it('finishes and acknowledges what is in flight and takes nothing new', async () => {
      const release = latch();
      bench.script.act = () => release.opened.then(() => done);
      for (let n = 0; n < 10; n += 1) bench.send(bodyOf(outgoing()));
      await bench.untilDelivered(10);
      const closing = bench.stop();
      let sent = 10;
      await eventually(async () => {
        bench.send(bodyOf(outgoing()));
        sent += 1;
        expect(await bench.waiting()).toBeGreaterThan(0); // nobody takes it any more
      });
      release.open();
      await closing;
      expect(bench.script.deliveries.length + (await bench.waiting())).toBe(sent);
      expect(bench.script.deliveries.every(({ isRedelivered }) => !isRedelivered)).toBe(true);
    });

    // A quorum queue marks as redelivered also what it was about to hand out and never did, so the flag proves nothing.
    it('leaves nothing that it has handled to come again, wherever the end meets the stream', async () => {
      const handled: string[] = [];
      for (let end = 0; end < ENDS; end += 1) {
        for (let n = 0; n < 60; n += 1) bench.send(bodyOf(outgoing()));
        await bench.untilDelivered(1 + end);
        await bench.stop();
        handled.push(...bench.script.deliveries.map(({ envelope }) => envelope.id));
        await bench.start();
      }
      expect(handled.length).toBeGreaterThan(ENDS);
      expect(new Set(handled).size).toBe(handled.length);
    }, 60_000);

    it('does not wait for a handler beyond its grace period; the message stays at the broker', async () => {
      await bench.start({ graceMs: 100 }, () => latch().opened.then(() => done));
      bench.send(bodyOf(outgoing()));
      await bench.untilDelivered(1);
      await bench.stop();
      await eventually(async () => expect(await bench.waiting()).toBe(1));
    });

    it('ends although the broker does not answer', async () => {
      bench.proxy.holdAll();
      const startedMs = performance.now();
      await bench.stop();
      expect(performance.now() - startedMs).toBeLessThan(5_000);
    });
  });
});
