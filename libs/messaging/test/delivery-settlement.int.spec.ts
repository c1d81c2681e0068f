import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '@once/testing';
import { done, refuse, retry, TerminalDeliveryError, type Verdict } from '../src/index.js';
import { DEATH_AFTER_MS, surviveKillers } from './killers.js';
import { bodyOf, failedDeliveries, outgoing } from './support.js';
import { latch, TransportBench } from './transport-support.js';

describe('delivery settlement', () => {
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

  it('gives a handler its payload and envelope and acknowledges what is done', async () => {
    const message = outgoing({ payload: { amount: 1200 }, sagaId: 'saga-1' });
    bench.send(bodyOf(message));
    await bench.untilDelivered(1);
    const [delivery] = bench.script.deliveries;
    expect(delivery?.envelope).toMatchObject({ id: message.id, sagaId: 'saga-1', payload: { amount: 1200 } });
    expect([delivery?.attempt, delivery?.isRedelivered]).toEqual([1, false]);
    await bench.stop();
    expect(await bench.waiting()).toBe(0);
    expect(await failedDeliveries(bench.session)).toEqual([]);
  });

  it('acknowledges only after the handler has decided', async () => {
    const release = latch();
    bench.script.act = () => release.opened.then(() => done);
    bench.send(bodyOf(outgoing()));
    await bench.untilDelivered(1);
    bench.proxy.cutAll(); // the broker takes back what was not acknowledged
    await bench.untilDelivered(2);
    const attempts = bench.script.deliveries.map(({ attempt, isRedelivered }) => [attempt, isRedelivered]);
    expect(attempts).toEqual([
      [1, false],
      [2, true],
    ]);
    release.open();
    await bench.stop();
    expect(await bench.waiting()).toBe(0);
  });

  it('retries after a backoff, with the attempts counted, and forgets the failure after a success', async () => {
    bench.script.act = ({ attempt }) => Promise.resolve(attempt < 3 ? retry('busy') : done);
    bench.send(bodyOf(outgoing()));
    await eventually(async () =>
      expect(await failedDeliveries(bench.session)).toMatchObject([{ reason: 'busy', attempts: 1 }]),
    );
    expect((await bench.transport.retryOnce()).claimed).toBe(0); // its backoff is not over
    await eventually(async () => expect((await bench.transport.retryOnce()).retried).toBe(1));
    await eventually(async () => expect((await bench.transport.retryOnce()).done).toBe(1));
    expect(bench.script.deliveries.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
    expect(await failedDeliveries(bench.session)).toEqual([]);
  });

  it('retries what a handler throws and keeps its stack', async () => {
    bench.script.act = () => Promise.reject(new Error('provider answered nonsense'));
    bench.send(bodyOf(outgoing()));
    await eventually(async () => {
      const [row] = await failedDeliveries(bench.session);
      expect(row).toMatchObject({ reason: 'provider answered nonsense', dead_lettered_at: null });
      expect(row?.stack).toContain('delivery-settlement.int.spec');
    });
  });

  it('makes a dead letter of a message that fails at every attempt', async () => {
    const never = (): Promise<Verdict> => Promise.resolve(retry('never works'));
    await bench.start({ attemptsMax: 2, backoffMaxMs: 1 }, never);
    bench.send(bodyOf(outgoing()));
    await eventually(async () => expect((await bench.transport.retryOnce()).deadLettered).toBe(1), {
      withinMs: 15_000,
    });
    expect(await failedDeliveries(bench.session)).toMatchObject([{ attempts: 2, next_attempt_at: null }]);
    expect(bench.script.deliveries).toHaveLength(2);
  });

  it.each([
    ['refuse', () => Promise.resolve(refuse('not ours'))],
    ['an error that says it is terminal', () => Promise.reject(new TerminalDeliveryError('not ours'))],
  ])('makes a dead letter at once on %s', async (_what, act) => {
    bench.script.act = act;
    const message = outgoing({ sagaId: 'saga-9' });
    bench.send(bodyOf(message));
    await eventually(async () => {
      const [row] = await failedDeliveries(bench.session);
      expect(row).toMatchObject({
        reason: 'not ours',
        message_id: message.id,
        saga_id: 'saga-9',
        next_attempt_at: null,
      });
      expect(row?.dead_lettered_at).toBeInstanceOf(Date);
    });
  });

  it('makes a dead letter of a message of unknown type, with its reason and bytes', async () => {
    const body = bodyOf(outgoing({ type: 'test.unknown' }));
    bench.send(body);
    await eventually(async () => {
      const [row] = await failedDeliveries(bench.session);
      expect(row?.reason).toBe('no handler for messages of type test.unknown, version 1');
      expect(row?.body.equals(body)).toBe(true);
    });
  });

  it('makes a dead letter of a version that no handler knows, as its sender is newer', async () => {
    bench.send(bodyOf(outgoing({ version: 2 })));
    await eventually(async () => {
      const [row] = await failedDeliveries(bench.session);
      expect(row?.reason).toBe('no handler for messages of type test.message, version 2');
    });
    expect(bench.script.deliveries).toEqual([]);
  });

  it('makes one dead letter of the same bytes, however often they come', async () => {
    const body = bodyOf(outgoing({ type: 'test.unknown' }));
    for (let copy = 0; copy < 5; copy += 1) bench.send(body);
    bench.send(bodyOf(outgoing()));
    await bench.untilDelivered(1);
    await bench.stop();
    expect(await failedDeliveries(bench.session)).toHaveLength(1);
  });

  it('makes malformed bytes dead letters with reason and original bytes, while fifty good messages pass', async () => {
    const good = Array.from({ length: 50 }, () => outgoing());
    const mixed = good.map(bodyOf);
    MALFORMED.forEach((body, index) => mixed.splice(index * 5, 0, body));
    for (const body of mixed) bench.send(body);
    await bench.untilDelivered(50);
    const rows = await eventually(
      async () => {
        const found = await failedDeliveries(bench.session);
        expect(found).toHaveLength(MALFORMED.length);
        return found;
      },
      { withinMs: 15_000 },
    );
    expect(asSet(rows.map(({ body }) => body))).toEqual(asSet(MALFORMED));
    expect(rows.every(({ reason, dead_lettered_at }) => reason !== '' && dead_lettered_at !== null)).toBe(true);
    expect(new Set(bench.script.deliveries.map(({ envelope }) => envelope.id))).toEqual(
      new Set(good.map(({ id }) => id)),
    );
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });

  it('takes any headers', async () => {
    const headers = JSON.parse(
      '{"__proto__":{"a":1},"nul":"a\\u0000b","list":[1,{"b":true}],"big":9007199254740993}',
    ) as object;
    bench.onlooker.channel.publish('once', 'order', Buffer.from('bad'), { messageId: 'not a uuid', headers });
    await eventually(async () => expect(await failedDeliveries(bench.session)).toHaveLength(1));
  });

  it.each([
    ['quick', DEATH_AFTER_MS / 5],
    ['hit by its death', DEATH_AFTER_MS * 2],
  ])(
    'makes a dead letter of a message that ends its process at every delivery, and of no neighbour: %s',
    async (_, neighbourMs) => {
      const poison = outgoing();
      const neighbours = Array.from({ length: 5 }, () => outgoing());
      const bodies = [poison, ...neighbours].map(bodyOf);
      const survival = await surviveKillers(bench, { killers: [poison.id], bodies, attemptsMax: 4, neighbourMs });
      expect(survival.deaths).toBe(4);
      await eventually(() => expect(new Set(survival.handled)).toEqual(new Set(neighbours.map(({ id }) => id))));
      expect(await failedDeliveries(bench.session)).toMatchObject([{ message_id: poison.id, attempts: 5 }]);
    },
  );
});

const MALFORMED: readonly Buffer[] = [
  'not json',
  '',
  'null',
  '[]',
  '"text"',
  '{}',
  '{"id":1}',
  '['.repeat(50_000),
  '{"__proto__":{"admin":true}}',
  `{"payload":"${'x'.repeat(10_000_000)}"}`,
  '\uFEFF{}',
]
  .map((text) => Buffer.from(text))
  .concat(Buffer.from([0xff, 0x00, 0xfe]));

function asSet(bodies: readonly Buffer[]): Set<string> {
  return new Set(bodies.map((body) => body.toString('base64')));
}
