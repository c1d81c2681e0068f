import { setTimeout as pause } from 'node:timers/promises';
import { eventually, type PassedEvent, type WiredSystem, type Wire } from '@once/testing';
import { Client } from 'pg';
import type { MailRow, OrderBody } from '../order-api.js';
import { placeWish, type Wish } from './wish.js';

/** One event of one order: the n-th of its kind and detail on its wire. */
export interface WireEventOfOrder {
  readonly wire: Wire;
  readonly event: PassedEvent['kind'];
  readonly detail: string;
  readonly nth: number;
}

/** How long nothing of an order has passed when it is over: longer than any pause between two of its events. */
const QUIET_MS = 400;

/** A crash is recovered from within leases and sweeps of a few seconds each. */
const ENDS_WITHIN_MS = 45_000;

/** What passes while nobody orders anything: searches for leftovers, by every service. It belongs to no order. */
export async function backgroundOf(system: WiredSystem, forMs: number): Promise<ReadonlySet<string>> {
  const stops = system.wires.map(({ name, proxy }) => ({ name, stop: proxy.record() }));
  await pause(forMs);
  return new Set(stops.flatMap(({ name, stop }) => stop().map((event) => keyOf(name, event))));
}

/**
 * The events that each of several orders has had. Some come together or apart as it happens (a mark for one message or
 * for two), so what only some runs had is left out, and printed.
 */
export async function eventsOfOneOrder(
  system: WiredSystem,
  background: ReadonlySet<string>,
  wishes: readonly Wish[],
): Promise<readonly WireEventOfOrder[]> {
  const runs: Map<string, number>[] = [];
  const found = new Map<string, Omit<WireEventOfOrder, 'nth'>>();
  for (const wish of wishes) {
    const stops = system.wires.map((wire) => ({ wire, stop: wire.proxy.record() }));
    await placeAndWait(system, background, wish);
    const counts = new Map<string, number>();
    for (const { wire, stop } of stops) {
      for (const event of stop().filter((event) => isOfOrder(wire.name, event, background))) {
        const key = keyOf(wire.name, event);
        counts.set(key, (counts.get(key) ?? 0) + 1);
        found.set(key, { wire, event: event.kind, detail: detailOf(event) });
      }
    }
    runs.push(counts);
  }
  return [...found].flatMap(([key, event]) => {
    const count = Math.min(...runs.map((counts) => counts.get(key) ?? 0));
    return Array.from({ length: count }, (_, index) => ({ ...event, nth: index + 1 }));
  });
}

/** Places the order through the customers' wire and waits until it has ended and nothing of it is on its way. */
export async function placeAndWait(system: WiredSystem, background: ReadonlySet<string>, wish: Wish): Promise<void> {
  const stops = system.wires.map(({ name, proxy }) => ({ name, stop: proxy.record() }));
  try {
    await placeWish({ order: { url: system.customersUrl } }, wish);
    const { id } = JSON.parse(wish.answers[0] ?? '{}') as OrderBody;
    await eventually(() => hasEnded(system, id), { withinMs: ENDS_WITHIN_MS, everyMs: 50 });
    await untilQuiet(system, background);
  } finally {
    for (const { stop } of stops) stop();
  }
}

async function hasEnded(system: WiredSystem, id: string): Promise<void> {
  const order = (await read(`${system.order.url}/orders/${id}`)) as OrderBody;
  if (order.status !== 'confirmed') throw new Error(`order ${id} is ${order.status}`);
  const mails = (await read(`${system.sandbox.url}/sandbox/mailbox?order_id=${id}`)) as MailRow[];
  if (mails.length === 0) throw new Error(`order ${id} has no mail`);
  const untold = await untoldEvents(system);
  if (untold > 0) throw new Error(`the provider has ${untold} events that it has not told yet`);
}

/** A provider that was not heard waits before it tells again; an order whose webhooks are still to come is not over. */
async function untoldEvents(system: WiredSystem): Promise<number> {
  const client = new Client({ connectionString: system.databases.sandbox.url });
  await client.connect();
  try {
    const { rows } = await client.query<{ count: number }>('select count(*)::int from undelivered_event');
    return rows[0]?.count ?? 0;
  } finally {
    await client.end();
  }
}

async function untilQuiet(system: WiredSystem, background: ReadonlySet<string>): Promise<void> {
  await eventually(
    async () => {
      const stops = system.wires.map(({ name, proxy }) => ({ name, stop: proxy.record() }));
      await pause(QUIET_MS);
      const heard = stops.flatMap(({ name, stop }) => stop().filter((event) => isOfOrder(name, event, background)));
      if (heard.length > 0) throw new Error(`still on its way: ${heard[0]?.kind} ${heard[0]?.detail}`);
    },
    { withinMs: ENDS_WITHIN_MS, everyMs: 0 },
  );
}

async function read(url: string): Promise<unknown> {
  const response = await fetch(url, {
    headers: { authorization: 'Bearer sk_demo' },
    signal: AbortSignal.timeout(2_000),
  });
  if (!response.ok) throw new Error(`GET ${url} answered ${response.status}`);
  return response.json();
}

const isOfOrder = (wire: string, event: PassedEvent, background: ReadonlySet<string>): boolean =>
  !background.has(keyOf(wire, event));

const keyOf = (wire: string, event: PassedEvent): string => `${wire} ${event.kind} ${detailOf(event)}`;

/** Without what differs from order to order: ids in paths, and the tags of messages. */
export const detailOf = ({ detail }: { readonly detail: string }): string =>
  detail.replaceAll(/(pi|re|evt)_\w+/g, '…').replace(/ ?tag \d+$/, '');
