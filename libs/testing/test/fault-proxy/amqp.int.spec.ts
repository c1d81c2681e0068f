import { once } from 'node:events';
import { connect, type ChannelModel, type ConfirmChannel } from 'amqplib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventually, FaultProxy, testVhost, type TestVhost } from '../../src/index.js';

const QUEUE = 'letters';

describe('the fault proxy before a broker', () => {
  let vhost: TestVhost;
  let proxy: FaultProxy;
  let direct: ChannelModel;

  beforeAll(async () => {
    vhost = await testVhost();
    direct = await connect(vhost.amqpUrl);
    await (await direct.createChannel()).assertQueue(QUEUE);
  });
  beforeEach(async () => {
    proxy = await FaultProxy.before(vhost.amqpUrl);
    const channel = await direct.createChannel();
    await channel.purgeQueue(QUEUE);
    await channel.close();
  });
  afterEach(() => proxy.close()); // which ends every connection through it
  afterAll(async () => {
    await direct.close();
    await vhost.close();
  });

  const join = async (): Promise<ConfirmChannel> => {
    const model = await connect(proxy.url);
    model.on('error', () => {});
    const channel = await model.createConfirmChannel();
    channel.on('error', () => {});
    return channel;
  };
  const publish = (channel: ConfirmChannel, body: string | Buffer): Promise<'confirmed' | 'lost'> =>
    new Promise((resolve) => {
      channel.sendToQueue(QUEUE, Buffer.from(body), {}, (error: unknown) =>
        resolve(error === null ? 'confirmed' : 'lost'),
      );
    });
  const waiting = async (): Promise<number> => {
    const channel = await direct.createChannel();
    const { messageCount } = await channel.checkQueue(QUEUE);
    await channel.close();
    return messageCount;
  };

  it('passes everything on and counts it, big messages too', async () => {
    const channel = await join();
    expect(await publish(channel, Buffer.alloc(1_000_000, 'a'))).toBe('confirmed');
    const received: number[] = [];
    await channel.consume(QUEUE, (message) => {
      received.push(message?.content.length ?? 0);
      if (message !== null) channel.ack(message);
    });
    await eventually(() => expect(proxy.count('ack')).toBe(1));
    expect(received).toEqual([1_000_000]);
    expect((['publish', 'confirm', 'deliver', 'ack'] as const).map((kind) => proxy.count(kind))).toEqual([1, 1, 1, 1]);
  });

  it('cuts before the n-th publication: the broker has what came before it', async () => {
    const channel = await join();
    const armed = proxy.arm({ moment: 'before', event: 'publish', nth: 2, action: { kind: 'cut' } });
    expect(await publish(channel, 'first')).toBe('confirmed');
    expect(await publish(channel, 'second')).toBe('lost');
    expect((await armed.struck).detail).toBe(` ${QUEUE}`);
    expect(await waiting()).toBe(1);
  });

  it('cuts after a publication: the broker has it and its sender does not know', async () => {
    const channel = await join();
    proxy.arm({ moment: 'after', event: 'publish', action: { kind: 'cut' } });
    expect(await publish(channel, Buffer.alloc(300_000, 'b'))).toBe('lost');
    await eventually(async () => expect(await waiting()).toBe(1));
  });

  it('cuts before a confirm, and after one', async () => {
    proxy.arm({ moment: 'before', event: 'confirm', action: { kind: 'cut' } });
    expect(await publish(await join(), 'unconfirmed')).toBe('lost');
    proxy.arm({ moment: 'after', event: 'confirm', action: { kind: 'cut' } });
    const channel = await join();
    const lost = once(channel, 'close');
    expect(await publish(channel, 'confirmed')).toBe('confirmed');
    await lost;
    expect(await waiting()).toBe(2);
  });

  it('cuts before an acknowledgement, and the message comes again; after it, it does not', async () => {
    await publish(await join(), 'letter');
    for (const [moment, left] of [
      ['before', 1],
      ['after', 0],
    ] as const) {
      const armed = proxy.arm({ moment, event: 'ack', action: { kind: 'cut' } });
      const channel = await join();
      await channel.consume(QUEUE, (message) => message !== null && channel.ack(message));
      await armed.struck;
      await eventually(async () => expect(await waiting()).toBe(left));
    }
  });

  it('holds what it is told to until it is released', async () => {
    const channel = await join();
    const armed = proxy.arm({ moment: 'before', event: 'confirm', action: { kind: 'hold' } });
    let outcome = 'open';
    const published = publish(channel, 'held').then((answer) => (outcome = answer));
    await armed.struck;
    await eventually(async () => expect(await waiting()).toBe(1));
    expect(outcome).toBe('open');
    armed.release();
    expect(await published).toBe('confirmed');
  });

  it('waits for its kill and lets nothing of the dead through', async () => {
    const channel = await join();
    let deaths = 0;
    const kill = { kind: 'kill', victim: () => Promise.resolve((deaths += 1)) } as const;
    proxy.arm({ moment: 'before', event: 'publish', action: kill });
    expect(await publish(channel, 'never sent')).toBe('lost');
    expect([deaths, await waiting()]).toEqual([1, 0]);
  });

  it('makes a link half open and closes nothing, until it is released', async () => {
    const channel = await join();
    proxy.holdAll();
    let outcome = 'open';
    const published = publish(channel, 'held').then((answer) => (outcome = answer));
    await expect(connect(proxy.url, { timeout: 300 })).rejects.toThrow('ETIMEDOUT');
    expect([outcome, await waiting(), proxy.connections]).toEqual(['open', 0, 2]);
    proxy.releaseAll();
    expect(await published).toBe('confirmed');
  });

  it('refuses new connections, keeps the old ones, and accepts again on the same port', async () => {
    const channel = await join();
    await proxy.refuse();
    await expect(connect(proxy.url)).rejects.toThrow('ECONNREFUSED');
    expect(await publish(channel, 'old')).toBe('confirmed');
    await proxy.accept();
    expect(await publish(await join(), 'new')).toBe('confirmed');
  });

  it('writes down what it did, with times', async () => {
    proxy.arm({ moment: 'before', event: 'publish', action: { kind: 'cut' } });
    await publish(await join(), 'letter');
    expect(proxy.journal.map(({ what }) => what)).toEqual([
      'armed: cut before publish 1',
      `connection 1: cut before publish 1 ( ${QUEUE})`,
    ]);
    expect(proxy.journal.every(({ at }) => Date.now() - at.getTime() < 10_000)).toBe(true);
  });
});
