/**
 * A few orders, each POSTed at least twice under its key, some with a card that is declined. Every order ends as its card
 * says, and a repeat gets the first answer byte for byte. What the provider's ledger says afterwards is for
 * `scripts/load-smoke.mjs` to judge, which starts this.
 */
import { check } from 'k6';
import execution from 'k6/execution';
import { Counter, Trend } from 'k6/metrics';
import type { Options } from 'k6/options';
import { awaitEnd, parseOrder, placeOrder, type OrderRequest } from '../client/order-api.ts';

const orders = Number(__ENV['ORDERS'] ?? 50);
const run = __ENV['RUN_ID'] ?? `${Date.now()}`;

/** Every tenth customer has a card that is declined: the way back is walked too. */
const DECLINED_EVERY = 10;
/** A step that is asked for again costs seconds; an order that needs more than this is stuck. */
const ENDS_WITHIN_S = 60;

const ended = new Counter('orders_ended');
const timeToEnd = new Trend('order_time_to_end', true);

export const options: Options = {
  scenarios: {
    orders: { executor: 'shared-iterations', vus: 5, iterations: orders, maxDuration: '10m' },
  },
  thresholds: {
    checks: ['rate==1'],
    orders_ended: [`count==${orders}`],
    order_time_to_end: ['p(95)<10000'],
  },
};

export default function placeOneOrder(): void {
  const number = orderNumber();
  const isDeclined = number % DECLINED_EVERY === 0;
  const key = `smoke-${run}-${number}`;
  const request = orderOf(number, isDeclined ? 'pm_card_chargeDeclined' : 'pm_card_visa');

  const startedAt = Date.now();
  const first = placeOrder(key, request);
  if (!check(first, { 'the order is accepted': (answer) => answer.status === 202 })) return;
  const repeat = placeOrder(key, request);
  check(repeat, {
    'a repeat gets the same answer': (answer) => answer.status === 202 && answer.body === first.body,
    'a repeat says that it is one': (answer) => answer.headers['Idempotent-Replayed'] === 'true',
  });

  const order = awaitEnd(parseOrder(first).id, ENDS_WITHIN_S);
  const end = isDeclined ? 'cancelled' : 'confirmed';
  if (!check(order, { 'the order ends as its card says': () => order?.status === end })) return;
  ended.add(1);
  timeToEnd.add(Date.now() - startedAt);
}

/** From 1, and unique in the run whichever virtual user takes the iteration. */
function orderNumber(): number {
  return execution.scenario.iterationInTest + 1;
}

function orderOf(number: number, method: string): OrderRequest {
  return {
    customer: { email: `smoke-${run}-${number}@example.org` },
    items: [{ sku: number % 2 === 0 ? 'mug' : 'tee', quantity: 1 + (number % 3) }],
    payment: { method },
  };
}
