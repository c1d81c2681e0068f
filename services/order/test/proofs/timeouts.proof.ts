import { setTimeout as pause } from 'node:timers/promises';
import { auditSystem, eventually, seededRandom, setFaults, spawnSystem, type SpawnedSystem } from '@once/testing';
import { describe, expect, it } from 'vitest';
import { OrderApi, type OrderBody } from '../order-api.js';
import { cancelOrder, orderIdOf } from './cancellation.js';
import { HeldMessages, type HeldMessage } from './held-messages.js';
import { judge } from './judge.js';
import { JUDGED, patience } from './proof-settings.js';
import { makeWish, placeWish, type Wish } from './wish.js';

/** The saga asks again after half a second, and gives an order up when its test is over, or says when. */
const SETTINGS = {
  IDEMPOTENCY_LEASE_MS: '4000',
  PROVIDER_TIMEOUT_MS: '1000',
  RETRY_BACKOFF_MAX_MS: '1000',
  OUTBOX_SWEEP_MS: '200',
  SAGA_STEP_TIMEOUT_MS: '500',
  SAGA_GIVE_UP_MS: '600000',
} as const;

const SEED = Number(process.env['PROOF_SEEDS']?.split(',')[0] ?? '1');
const ORDERS = 30;
const WITHIN = { withinMs: patience(60_000), everyMs: 200 };

const random = seededRandom(SEED);
let system: SpawnedSystem;
let api: OrderApi;
let wishes: Wish[];

describe('replies that are held', () => {
  it('beyond the timeout and then released in any order are asked for again, and count once', async () => {
    await start();
    const held = await HeldMessages.of(system, 'order');
    await held.hold();
    await place(ORDERS);
    const asked = await eventually(() => eachWasAskedAgain(), WITHIN);
    await release(held);

    await expectAllIsRight();
    expect(asked).toBe(ORDERS);
    expect(await statuses()).toContain('confirmed');
  });

  it('until their orders were given up, and then released in any order, change nothing any more', async () => {
    await start({ SAGA_GIVE_UP_MS: '5000' });
    const held = await HeldMessages.of(system, 'order');
    await place(ORDERS, async () => {
      await pause(random.integer(0, 1_000));
      await held.hold();
    });
    await eventually(async () => expect(await given('deadline-passed')).toBeGreaterThan(0), WITHIN);
    await pause(1_000);
    await release(held);

    await expectAllIsRight();
    expect((await ordersOf()).map(({ reason }) => reason)).toContain('timed_out');
    expect(await linesWith('late')).toBeGreaterThan(0);
  });
});

describe('a compensation that is delivered first', () => {
  it.each([
    { action: 'authorise-payment', before: [], movements: [] },
    { action: 'capture-payment', before: ['authorise-payment'], movements: ['authorise', 'void'] },
  ])('refuses its late $action, three times, and moves nothing', async ({ action, before, movements }) => {
    await start();
    const held = await HeldMessages.of(system, 'payment');
    await held.hold();
    await place(
      ORDERS,
      () => Promise.resolve(),
      () => 'pm_card_visa',
    );
    const actions = await allHeld(held, action, before);
    await Promise.all(wishes.map((wish) => cancelOrder(system.order, orderIdOf(wish))));
    await deliverEach(await allHeld(held, 'return-payment', []), 1);
    await eventually(async () => expect(new Set(await statuses())).toEqual(new Set(['cancelled'])), WITHIN);

    await deliverEach(actions, 3);
    await eventually(async () => expect(await linesWith('late')).toBeGreaterThanOrEqual(ORDERS), WITHIN);
    await held.letPass();
    await deliverEach(held.take(), 1);

    await expectAllIsRight();
    for (const { id } of await ordersOf()) {
      expect((await api.ledgerOf(id)).map(({ kind }) => kind)).toEqual(movements);
    }
  });
});

describe('a refund that is answered with a 500 after refunding, not at all, with a 409, and at last', () => {
  it('is made once', async () => {
    await start();
    await place(
      ORDERS,
      () => Promise.resolve(),
      () => 'pm_card_visa',
    );
    await eventually(async () => expect(new Set(await statuses())).toEqual(new Set(['confirmed'])), WITHIN);
    const ids = wishes.map(orderIdOf);
    await setFaults(
      system,
      [
        // Nobody else tells what became of it: no event, and the look-ups after the silence and the conflict are lost as well.
        { operation: 'webhooks.deliver', fault: 'drop' },
        ...ids.flatMap((orderId) => [
          { operation: 'refunds.create', fault: 'apply_then_500', times: 1, match: { orderId } },
          { operation: 'refunds.create', fault: 'timeout_without_applying', times: 1, match: { orderId } },
          { operation: 'refunds.create', fault: 'conflict_409', times: 1, match: { orderId } },
          { operation: 'payment_intents.retrieve', fault: 'timeout_without_applying', times: 2, match: { orderId } },
        ]),
      ],
      SEED,
    );
    await Promise.all(ids.map((id) => cancelOrder(system.order, id)));
    await eventually(async () => expect(new Set(await statuses())).toEqual(new Set(['cancelled'])), WITHIN);
    await setFaults(system, []);

    await expectAllIsRight();
    let answered = 0;
    for (const id of ids) {
      expect((await api.ledgerOf(id)).map(({ kind }) => kind)).toEqual(['authorise', 'capture', 'refund']);
      const [first, second, third, ...others] = await refundCallsOf(id);
      expect([first, second, third]).toEqual(['apply_then_500', 'timeout_without_applying', 'conflict_409']);
      expect(others.every((fault) => fault === null)).toBe(true);
      answered += Math.min(others.length, 1);
    }
    // A look-up that is made twice is lost twice: then the third one tells of the refund, and nobody asks a fourth time.
    expect(answered).toBeGreaterThan(ORDERS / 2);
  });
});

async function start(env: Readonly<Record<string, string>> = {}): Promise<void> {
  system = await spawnSystem({ env: { ...SETTINGS, ...env }, ...JUDGED });
  api = new OrderApi(system);
  wishes = [];
}

async function place(
  orders: number,
  meanwhile: () => Promise<void> = () => Promise.resolve(),
  methodOf: (wish: Wish) => string = ({ method }) => method,
): Promise<void> {
  for (let index = 0; index < orders; index += 1) {
    const wish = makeWish(random, `wish-${index}`);
    wishes.push({ ...wish, method: methodOf(wish) });
  }
  await Promise.all([...wishes.map((wish) => placeWish(system, wish)), meanwhile()]);
}

/** In any order, and everything that is sent from now on at once. */
async function release(held: HeldMessages): Promise<void> {
  await held.letPass();
  await deliverEach(random.shuffle(held.take()), 1);
}

async function deliverEach(messages: readonly HeldMessage[], times: number): Promise<void> {
  for (const message of messages) await message.deliver(times);
}

/** One message of this type for each order. What must come before it is let through; what else is asked again gets lost. */
async function allHeld(held: HeldMessages, type: string, before: readonly string[]): Promise<readonly HeldMessage[]> {
  const found = new Map<string, HeldMessage>();
  await eventually(async () => {
    for (const message of held.take()) {
      if (before.includes(message.type)) await message.deliver();
      else if (message.type === type && !found.has(message.orderId)) found.set(message.orderId, message);
    }
    expect(found.size).toBe(wishes.length);
  }, WITHIN);
  return [...found.values()];
}

async function expectAllIsRight(): Promise<void> {
  expect(await judge(system, wishes)).toEqual([]);
  expect((await auditSystem(system)).broken).toEqual({});
}

async function ordersOf(): Promise<readonly OrderBody[]> {
  return Promise.all(wishes.map((wish) => api.read(orderIdOf(wish))));
}

async function statuses(): Promise<readonly string[]> {
  return (await ordersOf()).map(({ status }) => status);
}

interface Line {
  readonly event: string;
  readonly outcome: string | null;
  readonly attempt: number | null;
}

async function linesOf(wish: Wish): Promise<readonly Line[]> {
  return ((await api.get(`/orders/${orderIdOf(wish)}/timeline`)).body as { data: Line[] }).data;
}

async function allLines(): Promise<readonly Line[]> {
  return (await Promise.all(wishes.map(linesOf))).flat();
}

async function linesWith(outcome: string): Promise<number> {
  return (await allLines()).filter((line) => line.outcome === outcome).length;
}

async function given(event: string): Promise<number> {
  return (await allLines()).filter((line) => line.event === event).length;
}

/** The fault of each call that asked for the refund, in order. */
async function refundCallsOf(orderId: string): Promise<readonly (string | null)[]> {
  return (await api.callsFor(orderId))
    .filter(({ operation }) => operation === 'refunds.create')
    .map(({ fault }) => fault);
}

async function eachWasAskedAgain(): Promise<number> {
  const asked = (await Promise.all(wishes.map(linesOf))).filter((lines) =>
    lines.some(({ event, attempt }) => event === 'sent' && attempt === 2),
  );
  expect(asked).toHaveLength(wishes.length);
  return asked.length;
}
