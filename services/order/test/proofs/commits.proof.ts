import { setTimeout as pause } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { auditSystem, eventually, seededRandom } from '@once/testing';
import { Client } from 'pg';
import { describe, expect, it } from 'vitest';
import { OrderApi } from '../order-api.js';
import { cancelOrder, orderIdOf } from './cancellation.js';
import { HeldMessages } from './held-messages.js';
import { judge } from './judge.js';
import { PROOF_SETTINGS } from './proof-settings.js';
import { WATCHED, WatchedCommits, type Side, type Watched } from './watched-commits.js';
import { placeWish, type Wish } from './wish.js';

/** `PROOF_SLICE=2/4 npm run proofs -- commits` kills at every fourth COMMIT, beginning with the second. */
const [SLICE = 1, SLICES = 1] = (process.env['PROOF_SLICE'] ?? '1/1').split('/').map(Number);
const SEED = Number(process.env['PROOF_SEEDS']?.split(',')[0] ?? '1');
const WITHIN = { withinMs: 240_000, everyMs: 100 } as const;

/** Orders whose COMMITs are counted: one that a busy machine keeps waiting for an answer asks again, and commits once more. */
const UNHARMED_MAX = 3;

interface Stage {
  readonly watched: WatchedCommits;
  readonly api: OrderApi;
  /** What is sent to the payment service, while a story wants it held. */
  readonly toPayment: HeldMessages;
}

interface Story {
  readonly name: string;
  /** The COMMITs of each service: a story that gets another one has to be looked at again. */
  readonly commits: Readonly<Record<Watched, number>>;
  readonly method: string;
  readonly ends: 'confirmed' | 'cancelled';
  /** What happens before anything is counted. */
  readonly before: (stage: Stage, wish: Wish) => Promise<unknown>;
  readonly tell: (stage: Stage, wish: Wish) => Promise<unknown>;
}

const STORIES: readonly Story[] = [
  {
    name: 'checkout',
    commits: { order: 4, payment: 5, notification: 2 },
    method: 'pm_card_visa',
    ends: 'confirmed',
    before: () => Promise.resolve(),
    tell: ({ watched }, wish) => placeWish(watched.system, wish),
  },
  {
    name: 'compensation of a declined card',
    commits: { order: 3, payment: 4, notification: 2 },
    method: 'pm_card_chargeDeclined',
    ends: 'cancelled',
    before: () => Promise.resolve(),
    tell: ({ watched }, wish) => placeWish(watched.system, wish),
  },
  {
    name: 'compensation that overtakes the capture',
    commits: { order: 6, payment: 6, notification: 2 },
    method: 'pm_card_visa',
    ends: 'cancelled',
    before: ({ toPayment }) => toPayment.hold(),
    tell: cancelBeforeTheCapture,
  },
  {
    name: 'refund',
    commits: { order: 3, payment: 2, notification: 2 },
    method: 'pm_card_visa',
    ends: 'cancelled',
    before: async (stage, wish) => {
      await placeWish(stage.watched.system, wish);
      await untilSettled(stage, wish, 'confirmed');
    },
    tell: (stage, wish) => cancel(stage, wish),
  },
];

describe('two replicas of each service, one of which is killed before and after each COMMIT', () => {
  it.each(STORIES)(
    'end every $name right',
    async (story) => {
      const stage = await setUp();
      const random = seededRandom(SEED);
      const wishes: Wish[] = [];
      const wishFor = (key: string): Wish => {
        const wish: Wish = { key, sku: random.pick(['mug', 'tee', 'print']), method: story.method, answers: [] };
        wishes.push(wish);
        return wish;
      };

      const counts: Readonly<Record<Watched, number>>[] = [];
      while (counts.length < UNHARMED_MAX && !isDeepStrictEqual(counts.at(-1), story.commits)) {
        counts.push(await countCommits(stage, story, wishFor(`unharmed-${counts.length}`)));
      }
      expect(counts).toContainEqual(story.commits);
      const total = Object.values(story.commits).reduce((sum, commits) => sum + commits, 0);
      const kills = random.shuffle(killsOf(story)).filter((_, index) => index % SLICES === SLICE - 1);
      print(
        `${story.name}, slice ${SLICE} of ${SLICES}: ${total} commits ${JSON.stringify(story.commits)}, ${kills.length} kills`,
      );
      for (const { service, n, side } of kills) {
        const wish = wishFor(`${service}-${n}-${side}`);
        await story.before(stage, wish);
        const kill = stage.watched.killAt(service, n, side);
        const restarted = kill.struckAndRestarted();
        await story.tell(stage, wish);
        await untilSettled(stage, wish, story.ends);
        expect(kill.hasStruck, `${side} commit ${n} of ${service}`).toBe(true);
        await restarted;
      }

      await setFaults(stage, []);
      expect(await judge(stage.watched.system, wishes)).toEqual([]);
      expect((await auditSystem(stage.watched.system, { env: REPLICAS })).broken).toEqual({});
    },
    3_600_000,
  );
});

const REPLICAS = { ONCE_REPLICAS: '2' } as const;

async function setUp(): Promise<Stage> {
  const watched = await WatchedCommits.of({ env: PROOF_SETTINGS });
  const toPayment = await HeldMessages.of(watched.system.broker, 'payment');
  const stage = { watched, api: new OrderApi(watched.system), toPayment };
  // A webhook is an answer that comes a second time, at a moment of its own: which of the two decides would be left to chance.
  await setFaults(stage, [{ operation: 'webhooks.deliver', fault: 'drop' }]);
  return stage;
}

interface PlannedKill {
  readonly service: Watched;
  readonly n: number;
  readonly side: Side;
}

function killsOf({ commits }: Story): readonly PlannedKill[] {
  return WATCHED.flatMap((service) =>
    Array.from({ length: commits[service] }, (_, index) => index + 1).flatMap((n) =>
      (['before', 'after'] as const).map((side) => ({ service, n, side })),
    ),
  );
}

async function countCommits(stage: Stage, story: Story, wish: Wish): Promise<Readonly<Record<Watched, number>>> {
  await story.before(stage, wish);
  const stop = stage.watched.count();
  await story.tell(stage, wish);
  await untilSettled(stage, wish, story.ends);
  return stop();
}

/** The capture is held until the payment has gone back, and comes then. */
async function cancelBeforeTheCapture(stage: Stage, wish: Wish): Promise<void> {
  const { watched, toPayment } = stage;
  await placeWish(watched.system, wish);
  const capture = await heldFor(stage, wish, 'capture-payment');
  await cancel(stage, wish);
  await (await heldFor(stage, wish, 'return-payment')).deliver();
  await untilSettled(stage, wish, 'cancelled');
  await capture.deliver();
  await eventually(async () => {
    const { body } = await stage.api.get(`/orders/${orderIdOf(wish)}/timeline`);
    const { data } = body as { data: { step: string | null; event: string }[] };
    expect(data.some(({ step, event }) => step === 'capture-payment' && event === 'replied')).toBe(true);
  }, WITHIN);
  await toPayment.letPass();
}

/** What comes before it is delivered. A killed service has bound its queue again, so some of it may come twice. */
async function heldFor({ toPayment }: Stage, wish: Wish, type: string) {
  return eventually(async () => {
    const held = toPayment.take();
    const wanted = held.find((message) => message.type === type && message.orderId === orderIdOf(wish));
    for (const message of held) if (message !== wanted) await message.deliver();
    if (wanted === undefined) throw new Error(`no ${type} of ${wish.key} yet`);
    return wanted;
  }, WITHIN);
}

/** As a customer does: until it is answered. */
async function cancel({ watched }: Stage, wish: Wish): Promise<void> {
  await eventually(async () => {
    const { status } = await cancelOrder(watched.system.order, orderIdOf(wish), wish.key);
    expect([200, 202]).toContain(status);
  }, WITHIN);
}

/** The order has ended, its customer was told, and nobody has anything left to do for it. */
async function untilSettled({ watched, api }: Stage, wish: Wish, status: Story['ends']): Promise<void> {
  const { order, payment, notification } = watched.system.databases;
  await eventually(async () => {
    expect(await api.read(orderIdOf(wish))).toMatchObject({ status });
    expect(await count(order.url, `select from saga where timer_at is not null`)).toBe(0);
    for (const { url } of [payment, notification]) {
      expect(await count(url, `select from idempotency_record where outcome is null`)).toBe(0);
    }
    for (const { url } of [order, payment, notification])
      expect(await count(url, 'select from outbox_message')).toBe(0);
  }, WITHIN);
  // The relay forgets a message before the broker has handed over the last one.
  await pause(200);
}

async function count(url: string, rows: string): Promise<number> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(rows)).rowCount ?? 0;
  } finally {
    await client.end();
  }
}

async function setFaults({ watched }: Stage, rules: readonly object[]): Promise<void> {
  const response = await fetch(`${watched.system.sandbox.url}/sandbox/faults`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ seed: SEED, rules }),
  });
  expect(response.status, await response.text()).toBe(200);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
