import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '@once/testing';
import { done, joinMembers, refuse, retry, type OutgoingMessage, type Verdict } from '../src/index.js';
import { surviveKillers } from './killers.js';
import { bodyOf, failedDeliveries, insert, outgoing, publisherFor, relayFor, untilUp } from './support.js';
import { latch, TransportBench } from './transport-support.js';

const SIZE = 6;
const POSITIONS = [0, 2, SIZE - 1];

const messages = (count = SIZE): OutgoingMessage[] => Array.from({ length: count }, () => outgoing());
const envelopeOf = (members: readonly OutgoingMessage[]): Buffer => joinMembers(members.map(bodyOf));

/** The message in this position, and the others. */
function split(members: readonly OutgoingMessage[], position: number): [OutgoingMessage, OutgoingMessage[]] {
  const guilty = members[position];
  if (guilty === undefined) throw new Error(`no message in position ${position}`);
  return [guilty, members.filter((message) => message !== guilty)];
}

describe('messages that travel together', () => {
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

  const delivered = (): string[] => bench.script.deliveries.map(({ envelope }) => envelope.id);
  const idsOf = (members: readonly OutgoingMessage[]): Set<string> => new Set(members.map(({ id }) => id));

  it.each([
    [50, 1],
    [1, SIZE],
  ])('leave in as few broker messages as may be: up to %i in one', async (membersMax, brokerMessages) => {
    await bench.stop();
    const publisher = publisherFor(bench.proxy.url);
    await untilUp(publisher);
    const relay = relayFor(bench.session, publisher, { membersMax });
    relay.publishCommitted(await insert(bench.session, messages()));
    await relay.stop();
    expect(await bench.waiting()).toBe(brokerMessages);
    await publisher.close();
  });

  it('are handled together, and forgotten by the broker when the last one is decided', async () => {
    const release = latch();
    bench.script.act = () => release.opened.then(() => done);
    bench.send(envelopeOf(messages()));
    await bench.untilDelivered(SIZE); // none has come to an end
    bench.proxy.cutAll();
    await eventually(async () => expect(delivered().length).toBeGreaterThan(SIZE)); // the broker still had them
    release.open();
    await eventually(() => expect(delivered()).toHaveLength(2 * SIZE));
    await bench.stop();
    expect(await bench.waiting()).toBe(0);
  });

  it.each(POSITIONS)(
    'have verdicts of their own: only the refused one is a dead letter (position %i)',
    async (position) => {
      const sent = messages();
      const [guilty] = split(sent, position);
      bench.script.act = ({ envelope }) => Promise.resolve(envelope.id === guilty.id ? refuse('not ours') : done);
      bench.send(envelopeOf(sent));
      await eventually(async () => expect(await failedDeliveries(bench.session)).toHaveLength(1));
      await bench.stop();
      const [row] = await failedDeliveries(bench.session);
      expect(row).toMatchObject({ message_id: guilty.id, reason: 'not ours', next_attempt_at: null });
      expect(row?.body.equals(bodyOf(guilty))).toBe(true);
      expect([idsOf(sent), await bench.waiting()]).toEqual([new Set(delivered()), 0]);
    },
  );

  it.each(POSITIONS)('are retried one by one, with the attempts of each counted (position %i)', async (position) => {
    const sent = messages();
    const [guilty, others] = split(sent, position);
    bench.script.act = ({ envelope, attempt }) =>
      Promise.resolve(envelope.id === guilty.id && attempt < 3 ? retry('busy') : done);
    bench.send(envelopeOf(sent));
    await eventually(async () => expect(await failedDeliveries(bench.session)).toMatchObject([{ attempts: 1 }]));
    await eventually(async () => expect((await bench.transport.retryOnce()).done).toBe(1), { withinMs: 15_000 });
    const attempts = bench.script.deliveries.filter(({ envelope }) => envelope.id === guilty.id);
    expect(attempts.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
    expect(delivered()).toHaveLength(others.length + 3);
  });

  it.each(POSITIONS)('survive undecodable company, which keeps its bytes (position %i)', async (position) => {
    const sent = messages();
    const bodies = sent.map(bodyOf);
    bodies.splice(position, 0, Buffer.from('{"id":"nobody"}'));
    bench.send(joinMembers(bodies));
    await bench.untilDelivered(SIZE);
    await eventually(async () => expect(await failedDeliveries(bench.session)).toHaveLength(1));
    const [row] = await failedDeliveries(bench.session);
    expect(row).toMatchObject({ message_id: null, reason: 'id is not a UUID', body: Buffer.from('{"id":"nobody"}') });
    expect(new Set(delivered())).toEqual(idsOf(sent));
  });

  it('run singly when they come again', async () => {
    let running = 0;
    const together: number[] = [];
    const release = latch();
    bench.script.act = async ({ isRedelivered }): Promise<Verdict> => {
      if (!isRedelivered) return release.opened.then(() => done);
      running += 1;
      together.push(running);
      await sleep(100); // the others would begin meanwhile
      running -= 1;
      return done;
    };
    const sent = messages();
    bench.send(envelopeOf(sent));
    await bench.untilDelivered(SIZE);
    bench.proxy.cutAll();
    await eventually(() => expect(together).toEqual(Array(SIZE).fill(1)), { withinMs: 15_000 });
    expect(new Set(delivered().slice(SIZE))).toEqual(idsOf(sent));
    expect(bench.script.deliveries.slice(SIZE).map(({ attempt }) => attempt)).toEqual(Array(SIZE).fill(2));
    release.open();
  });

  it.each(POSITIONS)('lose only the one that ends the process at every delivery (position %i)', async (position) => {
    const sent = messages();
    const [poison, neighbours] = split(sent, position);
    const bodies = [envelopeOf(sent)];
    const survival = await surviveKillers(bench, { killers: [poison.id], bodies, attemptsMax: 3 });
    await eventually(() => expect(new Set(survival.handled)).toEqual(idsOf(neighbours)), { withinMs: 15_000 });
    expect(survival.deaths).toBe(3);
    const rows = await failedDeliveries(bench.session);
    expect(rows).toMatchObject([{ message_id: poison.id, attempts: 4 }]);
    expect(rows[0]?.body.equals(bodyOf(poison))).toBe(true);
    // The last life may have ended on the way through the others; the next one comes to their end.
    await eventually(async () => {
      await bench.start();
      await bench.untilUp();
      await bench.stop();
      expect(await bench.waiting()).toBe(0);
    });
  });

  it('that the broker gave up on are dead letters only where they were being handled', async () => {
    const sent = messages(3);
    const [suspect, others] = split(sent, 1);
    await bench.session.query(
      `insert into delivery_attempt (queue, message_id, attempts) values ('once.order', $1, 9)`,
      [suspect.id],
    );
    bench.onlooker.channel.publish('once.dead', 'order', envelopeOf(sent), { persistent: true });
    await eventually(async () => expect(await failedDeliveries(bench.session)).toHaveLength(3));
    await eventually(async () => {
      await bench.transport.retryOnce();
      expect(await failedDeliveries(bench.session)).toMatchObject([{ message_id: suspect.id, next_attempt_at: null }]);
    });
    expect(new Set(delivered())).toEqual(idsOf(others));
  });
});
