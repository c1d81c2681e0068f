import { isDeepStrictEqual } from 'node:util';
import { eventually, type SpawnedSystem } from '@once/testing';
import { Client } from 'pg';
import type { LedgerRow, MailRow, OrderBody } from '../order-api.js';
import type { Wish } from './wish.js';

/** What broke, each with the invariant it breaks. None is what we want. */
export type Violation = `${Invariant}: ${string}`;
type Invariant =
  | 'one-answer-per-key'
  | 'one-order-per-key'
  | 'every-order-ends'
  | 'one-capture-per-order'
  | 'net-is-what-the-order-says'
  | 'nothing-left-authorised'
  | 'one-mail-of-the-last-word'
  | 'stock-is-conserved';

/** Units of each article in the development stock. */
const STOCK_UNITS: Readonly<Record<string, number>> = { mug: 1_000_000, tee: 1_000_000, print: 1_000_000, limited: 10 };

/** T_max: leases, sweeps and pauses of the proof's settings, several times over. */
const QUIET_WITHIN_MS = 30_000;

export interface JudgeOptions {
  /** The mail server refused mails for good, so some customers were never told; default false. */
  readonly isMailLost?: boolean;
  /** Default: T_max of the proof's settings. A backlog takes longer. */
  readonly endsWithinMs?: number;
}

/** Waits until every order has ended, or the time for that is over, and judges what the world outside has recorded. */
export async function judge(
  system: SpawnedSystem,
  wishes: readonly Wish[],
  { isMailLost = false, endsWithinMs = QUIET_WITHIN_MS }: JudgeOptions = {},
): Promise<readonly Violation[]> {
  const orders = await waitForEnds(system, endsWithinMs);
  const ledger = (await read(system.sandbox.url, '/sandbox/ledger?limit=100000')) as LedgerRow[];
  const mails = isMailLost ? [] : await waitForMails(system, orders);
  return [
    ...judgeAnswers(wishes, orders),
    ...orders.flatMap((order) => judgeMoney(order, ledger)),
    ...(isMailLost ? [] : orders.flatMap((order) => judgeMails(order, mails))),
    ...(await judgeStock(system, orders)),
  ];
}

/** A confirmed order whose cancellation is under way stays confirmed until its money is back: it has not ended. */
function isEnded({ status, cancelRequestedAt }: OrderBody): boolean {
  return status === 'cancelled' || (status === 'confirmed' && cancelRequestedAt === undefined);
}

async function waitForEnds(system: SpawnedSystem, endsWithinMs: number): Promise<readonly OrderBody[]> {
  const deadline = performance.now() + endsWithinMs;
  return eventually(
    async () => {
      const orders = await listOrders(system);
      const open = orders.filter((order) => !isEnded(order));
      if (open.length > 0 && performance.now() < deadline) throw new Error(`${open.length} orders are open`);
      return orders;
    },
    { withinMs: endsWithinMs + 10_000, everyMs: 250 },
  );
}

async function listOrders(system: SpawnedSystem): Promise<readonly OrderBody[]> {
  const orders: OrderBody[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const page = (await read(system.order.url, `/orders?limit=100${cursor === '' ? '' : `&cursor=${cursor}`}`)) as {
      data: OrderBody[];
      nextCursor: string | null;
    };
    orders.push(...page.data);
    cursor = page.nextCursor;
  }
  return orders;
}

/** Mails follow the end of an order by a moment, so a missing one is given time before it counts: that of its last word. */
async function waitForMails(system: SpawnedSystem, orders: readonly OrderBody[]): Promise<readonly MailRow[]> {
  const deadline = performance.now() + QUIET_WITHIN_MS;
  return eventually(
    async () => {
      const mails = (await read(system.sandbox.url, '/sandbox/mailbox?limit=100000')) as MailRow[];
      const told = new Set(mails.map(({ orderId, template }) => `${orderId} ${template}`));
      const untold = orders.filter((order) => isEnded(order) && !told.has(`${order.id} ${order.status}`));
      if (untold.length > 0 && performance.now() < deadline) throw new Error(`${untold.length} orders have no mail`);
      return mails;
    },
    { withinMs: QUIET_WITHIN_MS + 10_000, everyMs: 250 },
  );
}

async function read(base: string, path: string): Promise<unknown> {
  const response = await fetch(base + path, { headers: { authorization: 'Bearer sk_demo' } });
  if (!response.ok) throw new Error(`GET ${path} answered ${response.status}`);
  return response.json();
}

function judgeAnswers(wishes: readonly Wish[], orders: readonly OrderBody[]): readonly Violation[] {
  const violations: Violation[] = wishes
    .filter(({ answers }) => new Set(answers).size !== 1)
    .map(({ key, answers }) => `one-answer-per-key: ${key} got ${new Set(answers).size} different answers` as const);
  if (orders.length !== wishes.length) {
    violations.push(`one-order-per-key: ${wishes.length} keys made ${orders.length} orders`);
  }
  return violations;
}

function judgeMoney(order: OrderBody, ledger: readonly LedgerRow[]): readonly Violation[] {
  if (!isEnded(order)) return [`every-order-ends: ${order.id} is still ${order.status}`];
  const rows = ledger.filter(({ orderId }) => orderId === order.id);
  const count = (kind: LedgerRow['kind']) => rows.filter((row) => row.kind === kind).length;
  const sum = (kind: LedgerRow['kind']) =>
    rows.filter((row) => row.kind === kind).reduce((total, { amount }) => total + amount, 0);
  const violations: Violation[] = [];
  if (count('capture') > 1) violations.push(`one-capture-per-order: ${order.id} has ${count('capture')}`);
  const net = sum('capture') - sum('refund');
  const due = order.status === 'confirmed' ? order.amount : 0;
  if (net !== due)
    violations.push(`net-is-what-the-order-says: ${order.id} is ${order.status}, net ${net}, due ${due}`);
  if (count('authorise') !== count('capture') + count('void')) {
    violations.push(`nothing-left-authorised: ${order.id} has an open authorisation`);
  }
  return violations;
}

/** At least once, under one Message-ID: a copy is allowed. Who was told of a payment before may be told of its return. */
function judgeMails(order: OrderBody, mails: readonly MailRow[]): readonly Violation[] {
  if (!isEnded(order)) return [];
  const sent = mails.filter(({ orderId }) => orderId === order.id);
  const told = (template: string): number =>
    new Set(sent.filter((mail) => mail.template === template).map(({ messageId }) => messageId)).size;
  const wasPaid = order.payment !== null && order.payment.capturedAmount > 0;
  const isRight =
    order.status === 'confirmed'
      ? told('confirmed') === 1 && told('cancelled') === 0
      : told('cancelled') === 1 && told('confirmed') <= (wasPaid ? 1 : 0);
  const list = sent.map(({ template, messageId }) => `${template} ${messageId}`).join(', ');
  return isRight ? [] : [`one-mail-of-the-last-word: ${order.id} is ${order.status}, mails: ${list}`];
}

interface StockRow {
  readonly sku: string;
  readonly available: string;
  readonly reserved: string;
  readonly sold: string;
}

/** Each SKU has the units that it began with and no more, those of confirmed orders as sold and those of open ones as reserved. */
async function judgeStock(system: SpawnedSystem, orders: readonly OrderBody[]): Promise<readonly Violation[]> {
  const client = new Client({ connectionString: system.databases.order.url });
  await client.connect();
  try {
    const { rows } = await client.query<StockRow>('select sku, available, reserved, sold from stock_item');
    return rows.flatMap((row) => {
      const units = STOCK_UNITS[row.sku] ?? 0;
      const sold = unitsOf(row.sku, orders, ({ status }) => status === 'confirmed');
      const reserved = unitsOf(row.sku, orders, ({ status }) => status === 'pending' || status === 'parked');
      const due = {
        sku: row.sku,
        available: String(units - sold - reserved),
        reserved: String(reserved),
        sold: String(sold),
      };
      return isDeepStrictEqual({ ...row }, due) && sold + reserved <= units
        ? []
        : [`stock-is-conserved: ${JSON.stringify(row)}, due ${JSON.stringify(due)}` as const];
    });
  } finally {
    await client.end();
  }
}

function unitsOf(sku: string, orders: readonly OrderBody[], counts: (order: OrderBody) => boolean): number {
  return orders
    .filter((order) => counts(order))
    .flatMap(({ items }) => items.filter((item) => item.sku === sku))
    .reduce((sum, { quantity }) => sum + quantity, 0);
}
