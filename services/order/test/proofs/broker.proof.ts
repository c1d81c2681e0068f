import { setTimeout as pause } from 'node:timers/promises';
import { connect } from 'amqplib';
import {
  auditSystem,
  eventually,
  ownBroker,
  seededRandom,
  spawnSystem,
  spawnWiredSystem,
  type OwnBroker,
  type SpawnedService,
  type SpawnedSystem,
  type WiredSystem,
} from '@once/testing';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { judge } from './judge.js';
import { PROOF_SETTINGS } from './proof-settings.js';
import { makeWish, placeWish, type Wish } from './wish.js';

/** Steady and light: what counts is that work is under way whenever something breaks. */
const ORDER_EVERY_MS = 1_000;

const ALARM_MS = 30_000;

/** Above two heartbeats of three seconds, after which both sides give a silent connection up. */
const SILENCE_MS = 12_000;

/** A backlog of some hundred orders on a busy machine. */
const ENDS_WITHIN_MS = 120_000;

/** A broker and a whole system on a busy machine. */
const START_WITHIN_MS = 600_000;

/** Nothing is wrong with provider and processes here, so a busy machine must not look as if there were. */
const SETTINGS = { ...PROOF_SETTINGS, IDEMPOTENCY_LEASE_MS: '20000', PROVIDER_TIMEOUT_MS: '8000' } as const;

const random = seededRandom(1);

/** The sagas' timers are far away, so nothing but the broker's clients themselves can make up for what breaks. */
describe('orders are placed while the broker', () => {
  const wishes: Wish[] = [];
  let broker: OwnBroker;
  let system: WiredSystem;

  beforeAll(async () => {
    broker = await ownBroker();
    system = await spawnWiredSystem({ env: SETTINGS, broker, orderReplicas: 2 });
  }, START_WITHIN_MS);
  afterAll(async () => {
    const { order, payment, notification, sandbox, replicas } = system;
    await Promise.all([order, payment, notification, sandbox, ...replicas].map((service) => service.kill()));
    await system.close();
    await broker.close();
  });

  /** What is wrong with the orders that were placed during the trouble, and with those before. */
  const violationsOf = async (trouble: () => Promise<void>): Promise<readonly string[]> => {
    const placed = await placeDuring(system, trouble);
    wishes.push(...placed);
    expect(placed.length).toBeGreaterThan(0);
    const violations = await judge(system, wishes, { endsWithinMs: ENDS_WITHIN_MS });
    await eventually(async () => expect(await consumersOf(broker)).toEqual(CONSUMERS), { withinMs: 20_000 });
    return violations;
  };

  it('closes every connection every three seconds', async () => {
    const violations = await violationsOf(async () => {
      for (let closing = 0; closing < 5; closing += 1) {
        await pause(3_000);
        await broker.control('close_all_connections', 'proof');
        // Each of the three services, order twice: a connection to publish, one to consume.
        expect(await atMostOneEach(broker)).toBe(true);
      }
    });
    expect(violations).toEqual([]);
  });

  it('is stopped and started', async () => {
    const violations = await violationsOf(async () => {
      await broker.stop();
      await pause(3_000);
      await broker.start();
    });
    expect(violations).toEqual([]);
  });

  it('is killed and started', async () => {
    const violations = await violationsOf(async () => {
      await broker.kill();
      await broker.start();
    });
    expect(violations).toEqual([]);
  });

  it('takes no messages for half a minute, because its disk is full', async () => {
    const violations = await violationsOf(async () => {
      const publishedBefore = published(system);
      await broker.control('set_disk_free_limit', 'mem_relative', '1000');
      await pause(ALARM_MS);
      const publishedMeanwhile = published(system) - publishedBefore;
      await broker.control('set_disk_free_limit', '50MB');
      // Some were on their way when the broker stopped reading; new ones are not made.
      expect(publishedMeanwhile).toBeLessThan(20);
    });
    expect(violations).toEqual([]);
  });

  it('cannot be heard and hears nothing, over connections that stay open', async () => {
    const violations = await violationsOf(async () => {
      const lines = system.wires.filter(({ name }) => name.endsWith('-broker'));
      for (const { proxy } of lines) proxy.holdAll();
      await pause(SILENCE_MS);
      for (const { proxy } of lines) proxy.releaseAll();
    });
    expect(violations).toEqual([]);
  });

  it('has twelve malformed messages among fifty orders', async () => {
    const good = Array.from({ length: 50 }, (_, n) => makeWish(random, `good-${wishes.length + n}`));
    wishes.push(...good);
    const placing = good.map((wish) => placeWish(system, wish));
    await publishMalformed(broker);
    await Promise.all(placing);
    expect(await judge(system, wishes, { endsWithinMs: ENDS_WITHIN_MS })).toEqual([]);
    const letters = await eventually(
      async () => {
        const found = await deadLetters(system);
        expect(found).toHaveLength(MALFORMED.length);
        return found;
      },
      { withinMs: 20_000 },
    );
    for (const { service, id } of letters) await discard(service, id);
  });

  it('has a message whose relay is stopped before it knows so, while another relay sends it again', async () => {
    const held = wireOf(system, 'order-broker').arm({ moment: 'before', event: 'confirm', action: { kind: 'hold' } });
    const wish = makeWish(random, 'stopped-relay');
    wishes.push(wish);
    await placeWish(system, wish);
    await held.struck;
    system.order.freeze();
    const sent = await outboxIds(system);
    expect(sent).not.toEqual([]);
    // Only a relay that has sent them again deletes them while the first stands still.
    await eventually(async () => expect((await outboxIds(system)).filter((id) => sent.includes(id))).toEqual([]), {
      withinMs: 30_000,
    });
    system.order.thaw();
    held.release();
    expect(await judge(system, wishes, { endsWithinMs: ENDS_WITHIN_MS })).toEqual([]);
  });

  it('and the audit finds nothing', async () => {
    expect((await auditSystem(system)).broken).toEqual({});
    expect(wishes.length).toBeGreaterThan(50);
  });
});

/** What a reset broker held is gone: only the sagas, which ask again, can make up for that. */
describe('orders are placed while the broker loses everything that it holds', () => {
  it('and end right once their sagas have asked again', async () => {
    const broker = await ownBroker();
    const env = { ...SETTINGS, SAGA_STEP_TIMEOUT_MS: '3000', SAGA_GIVE_UP_MS: '120000' };
    const system = await spawnSystem({ env, broker });
    const wishes = await placeDuring(system, async () => {
      for (const step of ['stop_app', 'reset', 'start_app']) await broker.control(step);
      await eventually(async () => expect(await consumersOf(broker)).toMatchObject({ 'once.order': 1 }), {
        withinMs: 30_000,
      });
      for (const queue of SERVICES) await broker.manage('DELETE', `/api/queues/%2F/once.${queue}`);
      await pause(3_000);
    });
    expect(await judge(system, wishes, { endsWithinMs: ENDS_WITHIN_MS })).toEqual([]);
    expect(await consumersOf(broker)).toEqual({ ...CONSUMERS, 'once.order': 1 });
    expect((await auditSystem(system)).broken).toEqual({});
  });
});

const SERVICES = ['order', 'payment', 'notification'] as const;

/** Never two where one was; the order service runs twice. */
const CONSUMERS = { 'once.order': 2, 'once.payment': 1, 'once.notification': 1 };

async function placeDuring(system: SpawnedSystem, trouble: () => Promise<void>): Promise<readonly Wish[]> {
  const wishes: Wish[] = [];
  const placing: Promise<number>[] = [];
  const state = { isOver: false };
  const over = trouble().finally(() => (state.isOver = true));
  while (!state.isOver) {
    const wish = makeWish(random, `wish-${random.integer(0, 1_000_000_000)}`);
    wishes.push(wish);
    placing.push(placeWish(system, wish));
    await Promise.race([over.catch(() => {}), pause(ORDER_EVERY_MS)]);
  }
  await over;
  await Promise.all(placing);
  return wishes;
}

/** As the broker counts them, now. */
async function consumersOf(broker: OwnBroker): Promise<Readonly<Record<string, number>>> {
  const model = await connect(broker.amqpUrl);
  model.on('error', () => {});
  try {
    const channel = await model.createChannel();
    const counts: Record<string, number> = {};
    for (const service of SERVICES)
      counts[`once.${service}`] = (await channel.checkQueue(`once.${service}`)).consumerCount;
    return counts;
  } finally {
    await model.close().catch(() => {});
  }
}

async function atMostOneEach(broker: OwnBroker): Promise<boolean> {
  const counts = await consumersOf(broker);
  return Object.entries(CONSUMERS).every(([queue, most]) => (counts[queue] ?? 0) <= most);
}

async function outboxIds(system: SpawnedSystem): Promise<readonly string[]> {
  const client = new Client({ connectionString: system.databases.order.url });
  await client.connect();
  try {
    return (await client.query<{ id: string }>('select id from outbox_message')).rows.map(({ id }) => id);
  } finally {
    await client.end();
  }
}

const published = (system: WiredSystem): number =>
  system.wires.reduce((sum, { proxy }) => sum + proxy.count('publish'), 0);

function wireOf(system: WiredSystem, name: string): WiredSystem['wires'][number]['proxy'] {
  const wire = system.wires.find((candidate) => candidate.name === name);
  if (wire === undefined) throw new Error(`there is no wire ${name}`);
  return wire.proxy;
}

const MALFORMED: readonly (readonly [service: (typeof SERVICES)[number], body: string])[] = SERVICES.flatMap(
  (service) =>
    ['', '{"id":', '["an", "array"]', `{"type":"authorise-payment","version":"one","payload":"for ${service}"}`].map(
      (body) => [service, body] as const,
    ),
);

async function publishMalformed(broker: OwnBroker): Promise<void> {
  const model = await connect(broker.amqpUrl);
  const channel = await model.createConfirmChannel();
  for (const [service, body] of MALFORMED) {
    channel.publish('once', service, Buffer.from(body), { persistent: true });
    await pause(50);
  }
  await channel.waitForConfirms();
  await model.close();
}

const OPERATOR = { authorization: 'Bearer op_demo', 'content-type': 'application/json' };

async function deadLetters(
  system: SpawnedSystem,
): Promise<readonly { readonly service: SpawnedService; readonly id: string }[]> {
  const pages = await Promise.all(
    SERVICES.map(async (name) => {
      const response = await fetch(`${system[name].url}/operator/dead-letters?limit=100`, { headers: OPERATOR });
      const { data } = (await response.json()) as { data: { id: string }[] };
      return data.map(({ id }) => ({ service: system[name], id }));
    }),
  );
  return pages.flat();
}

async function discard(service: SpawnedService, id: string): Promise<void> {
  const response = await fetch(`${service.url}/operator/dead-letters/${id}/discard`, {
    method: 'POST',
    headers: OPERATOR,
    body: JSON.stringify({ note: 'malformed on purpose' }),
  });
  expect(response.status, await response.text()).toBeLessThan(300);
}
