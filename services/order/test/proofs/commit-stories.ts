import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '@once/testing';
import { Client } from 'pg';
import { expect } from 'vitest';
import type { OrderApi } from '../order-api.js';
import { cancelOrder, orderIdOf } from './cancellation.js';
import type { HeldMessage, HeldMessages } from './held-messages.js';
import { patience } from './proof-settings.js';
import { WATCHED, type CommitCounts, type Watched, type WatchedCommits } from './watched-commits.js';
import { placeWish, type Wish } from './wish.js';

const WITHIN = { withinMs: patience(240_000), everyMs: 100 };

/** Longer than an order takes, so that the answers to our calls decide, and the events that follow only leave their record. */
const LATE_MS = 1_000;

export interface Stage {
  readonly watched: WatchedCommits;
  readonly api: OrderApi;
  /** What is sent to the payment service, while a story wants it held. */
  readonly toPayment: HeldMessages;
}

export interface CommitStory {
  readonly name: string;
  /** The COMMITs of each service: a story that gets another one has to be looked at again. */
  readonly commits: CommitCounts;
  readonly method: string;
  readonly ends: 'confirmed' | 'cancelled';
  /** Events of the provider that are recorded when the order has ended, each by one of the payment service's decisions. */
  readonly events: number;
  /** Rules for the provider: when its events arrive, and which of its answers are lost. */
  readonly faults: readonly object[];
  /** The services that are killed: the others do nothing in this story that they do not do in another one. */
  readonly strikes: readonly Watched[];
  /** What happens before anything is counted. */
  readonly before: (stage: Stage, wish: Wish) => Promise<unknown>;
  readonly tell: (stage: Stage, wish: Wish) => Promise<unknown>;
}

const nothing = (): Promise<void> => Promise.resolve();
const place = ({ watched }: Stage, wish: Wish): Promise<unknown> => placeWish(watched.system, wish);
const untilPaid = async (stage: Stage, wish: Wish): Promise<void> => {
  await place(stage, wish);
  await untilSettled(stage, wish, { ends: 'confirmed', events: 2 });
};

/** An event comes after the answer to the call that caused it. */
const EVENTS_LATE = [{ operation: 'webhooks.deliver', fault: 'slow', delayMs: LATE_MS }] as const;

/** The answers of these calls are lost, so the event decides. */
const answersLost = (...operations: readonly string[]): readonly object[] =>
  operations.map((operation) => ({ operation, fault: 'apply_then_timeout' }));

export const COMMIT_STORIES: readonly CommitStory[] = [
  {
    name: 'checkout',
    commits: {
      order: { decided: 4, left: 3 },
      payment: { decided: 7, left: 2 },
      notification: { decided: 3, left: 1 },
    },
    method: 'pm_card_visa',
    ends: 'confirmed',
    events: 2,
    faults: EVENTS_LATE,
    strikes: WATCHED,
    before: nothing,
    tell: place,
  },
  {
    name: 'checkout that the events of the provider decide',
    commits: {
      order: { decided: 4, left: 3 },
      payment: { decided: 5, left: 2 },
      notification: { decided: 3, left: 1 },
    },
    method: 'pm_card_visa',
    ends: 'confirmed',
    events: 2,
    faults: answersLost('payment_intents.confirm', 'payment_intents.capture'),
    strikes: ['payment'],
    before: nothing,
    tell: place,
  },
  {
    name: 'compensation of a declined card',
    commits: {
      order: { decided: 3, left: 2 },
      payment: { decided: 6, left: 1 },
      notification: { decided: 3, left: 1 },
    },
    method: 'pm_card_chargeDeclined',
    ends: 'cancelled',
    events: 2,
    faults: EVENTS_LATE,
    strikes: WATCHED,
    before: nothing,
    tell: place,
  },
  {
    name: 'compensation that the events of the provider decide',
    commits: {
      order: { decided: 3, left: 2 },
      payment: { decided: 4, left: 1 },
      notification: { decided: 3, left: 1 },
    },
    method: 'pm_card_chargeDeclined',
    ends: 'cancelled',
    events: 2,
    faults: answersLost('payment_intents.confirm', 'payment_intents.cancel'),
    strikes: ['payment'],
    before: nothing,
    tell: place,
  },
  {
    name: 'compensation that overtakes the capture',
    commits: {
      // The capture and the return follow so closely upon each other that their rows go together.
      order: { decided: 6, left: 3 },
      payment: { decided: 8, left: 3 },
      notification: { decided: 3, left: 1 },
    },
    method: 'pm_card_visa',
    ends: 'cancelled',
    events: 2,
    faults: EVENTS_LATE,
    strikes: WATCHED,
    before: ({ toPayment }) => toPayment.hold(),
    tell: cancelBeforeTheCapture,
  },
  {
    name: 'refund',
    commits: {
      order: { decided: 3, left: 2 },
      payment: { decided: 3, left: 1 },
      notification: { decided: 3, left: 1 },
    },
    method: 'pm_card_visa',
    ends: 'cancelled',
    events: 3,
    faults: EVENTS_LATE,
    strikes: WATCHED,
    before: untilPaid,
    tell: cancel,
  },
  {
    name: 'refund that the event of the provider decides',
    commits: {
      order: { decided: 3, left: 2 },
      payment: { decided: 2, left: 1 },
      notification: { decided: 3, left: 1 },
    },
    method: 'pm_card_visa',
    ends: 'cancelled',
    events: 3,
    faults: answersLost('refunds.create'),
    strikes: ['payment'],
    before: untilPaid,
    tell: cancel,
  },
];

/** The capture is held until the payment has gone back, and comes then. */
async function cancelBeforeTheCapture(stage: Stage, wish: Wish): Promise<void> {
  const { watched, toPayment } = stage;
  await placeWish(watched.system, wish);
  const capture = await heldFor(stage, wish, 'capture-payment');
  await cancel(stage, wish);
  await (await heldFor(stage, wish, 'return-payment')).deliver();
  await untilSettled(stage, wish, { ends: 'cancelled', events: 2 });
  await capture.deliver();
  await eventually(async () => {
    const { body } = await stage.api.get(`/orders/${orderIdOf(wish)}/timeline`);
    const { data } = body as { data: { step: string | null; event: string }[] };
    expect(data.some(({ step, event }) => step === 'capture-payment' && event === 'replied')).toBe(true);
  }, WITHIN);
  await toPayment.letPass();
}

/** What comes before it is delivered. A killed service has bound its queue again, so some of it may come twice. */
async function heldFor({ toPayment }: Stage, wish: Wish, type: string): Promise<HeldMessage> {
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
export async function untilSettled(
  { watched, api }: Stage,
  wish: Wish,
  { ends, events }: Pick<CommitStory, 'ends' | 'events'>,
): Promise<void> {
  const { order, payment, notification, sandbox } = watched.system.databases;
  await eventually(async () => {
    expect(await api.read(orderIdOf(wish))).toMatchObject({ status: ends });
    expect(await count(order.url, `select from saga where timer_at is not null`)).toBe(0);
    const told = `select from idempotency_record where scope = 'event' and subject = '${orderIdOf(wish)}'`;
    // More of them when a killed service has bound its queue again: the payment was then taken and given back.
    expect(await count(payment.url, told)).toBeGreaterThanOrEqual(events);
    expect(await count(sandbox.url, 'select from undelivered_event')).toBe(0);
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
