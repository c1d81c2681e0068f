import { randomUUID } from 'node:crypto';
import Stripe from 'stripe';

/** Secrets that are found in a log if anything puts them there. */
export const SECRETS = {
  API_KEYS: 'demo=sk_demo,acme=sk_hidden_acme_4711',
  OPERATOR_KEY: 'op_demo',
  PAYMENT_PROVIDER_KEY: 'sk_hidden_provider_4711',
  PAYMENT_WEBHOOK_SECRET: 'whsec_hidden_4711',
} as const;

/** Somebody's card, which is to be nowhere, and what no euro buys. */
export const CARD = '4000056655665556';
export const DOLLAR_ARTICLE = 'dollar-bowl';

const stripe = new Stripe('sk_test_signs_only');
export interface Hostile {
  readonly name: string;
  readonly status: number;
  readonly to?: 'order' | 'payment' | 'notification';
  readonly line?: string;
  readonly headers?: readonly string[];
  readonly body?: string;
  /** Nothing is added: the bytes are all there is. */
  readonly isRaw?: boolean;
}

const WISH = {
  customer: { email: 'eve@example.com' },
  items: [{ sku: 'mug', quantity: 1 }],
  payment: { method: 'pm_card_visa' },
};
const wish = (fields: object = {}): string => JSON.stringify({ ...WISH, ...fields });
const items = (...list: readonly object[]): string => wish({ items: list });

export const POST = 'POST /orders HTTP/1.1';
const DEMO = 'Authorization: Bearer sk_demo';
const OPERATOR = 'Authorization: Bearer op_demo';
const JSON_TYPE = 'Content-Type: application/json';
const key = (): string => `Idempotency-Key: hostile-${randomUUID()}`;
const customer = (): readonly string[] => [DEMO, JSON_TYPE, key()];
export const acme = 'Authorization: Bearer sk_hidden_acme_4711';

const event = JSON.stringify({
  id: 'evt_hostile',
  object: 'event',
  created: Math.floor(Date.now() / 1_000),
  type: 'payment_intent.succeeded',
  data: {
    object: { id: 'pi_x', status: 'succeeded', amount: 1, currency: 'eur', metadata: { order_id: randomUUID() } },
  },
});
const signature = (secret: string, ageS = 0, payload = event): string =>
  `Stripe-Signature: ${stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp: Math.floor(Date.now() / 1_000) - ageS })}`;
const webhook = (name: string, ...headers: readonly string[]): Hostile => ({
  name: `a webhook ${name}`,
  to: 'payment',
  line: 'POST /webhooks/stripe HTTP/1.1',
  headers: [JSON_TYPE, ...headers],
  body: event,
  status: 400,
});

/** Each is refused by name, by something in front of every effect. */
export const REQUESTS: readonly Hostile[] = [
  { name: 'nobody', headers: [JSON_TYPE, key()], body: wish(), status: 401 },
  {
    name: 'a key that is SQL',
    headers: [`Authorization: Bearer '||(select'1')--`, JSON_TYPE, key()],
    body: wish(),
    status: 401,
  },
  { name: 'the operator as a customer', headers: [OPERATOR, JSON_TYPE, key()], body: wish(), status: 403 },
  { name: 'a customer as the operator', line: 'GET /operator/sagas HTTP/1.1', headers: [DEMO], status: 403 },
  {
    name: 'a customer as the operator of mails',
    to: 'notification',
    line: 'GET /operator/dead-letters HTTP/1.1',
    headers: [DEMO],
    status: 403,
  },
  {
    name: 'nobody as the operator of money',
    to: 'payment',
    line: 'POST /operator/reconciliation HTTP/1.1',
    headers: [JSON_TYPE],
    body: '{}',
    status: 401,
  },
  { name: 'a field nobody knows', headers: customer(), body: wish({ amount: 1 }), status: 400 },
  {
    name: 'a price of one’s own',
    headers: customer(),
    body: items({ sku: 'mug', quantity: 1, unitAmount: 1 }),
    status: 400,
  },
  {
    name: '__proto__',
    headers: customer(),
    body: wish().replace('{', '{"__proto__":{"isOperator":true},'),
    status: 400,
  },
  {
    name: 'constructor.prototype',
    headers: customer(),
    body: wish({ constructor: { prototype: { a: 1 } } }),
    status: 400,
  },
  { name: 'less than nothing', headers: customer(), body: items({ sku: 'mug', quantity: -1 }), status: 400 },
  { name: 'half a mug', headers: customer(), body: items({ sku: 'mug', quantity: 0.5 }), status: 400 },
  {
    name: 'more than a number holds',
    headers: customer(),
    body: wish().replace('"quantity":1', '"quantity":1e400'),
    status: 400,
  },
  {
    name: 'SQL as an SKU',
    headers: customer(),
    body: items({ sku: `mug';drop/**/table/**/customer_order;--`, quantity: 1 }),
    status: 422,
  },
  { name: 'an object as an SKU', headers: customer(), body: items({ sku: { $gt: '' }, quantity: 1 }), status: 400 },
  {
    name: 'a mail header in an address',
    headers: customer(),
    body: wish({ customer: { email: 'a@example.com\r\nBcc: b@example.com' } }),
    status: 400,
  },
  {
    name: 'markup as an address',
    headers: customer(),
    body: wish({ customer: { email: '<script>@example.com' } }),
    status: 400,
  },
  {
    name: 'a card number instead of a method',
    headers: customer(),
    body: wish({ payment: { method: CARD } }),
    status: 400,
  },
  {
    name: 'a card beside a method',
    headers: customer(),
    body: wish({ payment: { method: 'pm_card_visa', card: { number: CARD, cvc: '123' } } }),
    status: 400,
  },
  {
    name: 'two currencies in one basket',
    headers: customer(),
    body: items({ sku: 'mug', quantity: 1 }, { sku: DOLLAR_ARTICLE, quantity: 1 }),
    status: 400,
  },
  { name: 'a NUL in a method', headers: customer(), body: wish({ payment: { method: 'pm\u0000' } }), status: 400 },
  {
    name: 'one SKU twice',
    headers: customer(),
    body: items(...[1, 2].map((quantity) => ({ sku: 'mug', quantity }))),
    status: 400,
  },
  {
    name: 'ten thousand arrays in each other',
    headers: customer(),
    body: '['.repeat(10_000) + ']'.repeat(10_000),
    status: 400,
  },
  { name: 'a giant body', headers: customer(), body: wish({ padding: 'x'.repeat(70_000) }), status: 413 },
  { name: 'half a body of JSON', headers: customer(), body: wish().slice(0, -5), status: 400 },
  {
    name: 'XML',
    headers: [DEMO, 'Content-Type: application/xml', key()],
    body: '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>',
    status: 415,
  },
  { name: 'no key', headers: [DEMO, JSON_TYPE], body: wish(), status: 400 },
  { name: 'two keys', headers: [...customer(), key()], body: wish(), status: 400 },
  { name: 'a list of keys', headers: [DEMO, JSON_TYPE, 'Idempotency-Key: "a", "b"'], body: wish(), status: 400 },
  {
    name: 'a key of 256 characters',
    headers: [DEMO, JSON_TYPE, `Idempotency-Key: ${'k'.repeat(256)}`],
    body: wish(),
    status: 400,
  },
  { name: 'a giant header', headers: [...customer(), `X-Padding: ${'x'.repeat(20_000)}`], body: wish(), status: 431 },
  { name: 'two lengths', headers: [...customer(), 'Content-Length: 5'], body: wish(), status: 400 },
  { name: 'a length and chunks', headers: [...customer(), 'Transfer-Encoding: chunked'], body: wish(), status: 400 },
  {
    name: 'chunks by another name',
    isRaw: true,
    headers: ['Host: a', ...customer(), 'Transfer-Encoding: xchunked'],
    body: wish(),
    status: 400,
  },
  { name: 'a header name with a space', headers: [...customer(), 'X Evil: 1'], body: wish(), status: 400 },
  { name: 'no host', isRaw: true, line: 'GET /orders HTTP/1.1', headers: [DEMO], status: 400 },
  { name: 'a folded header', headers: [...customer(), 'X-A: 1\r\n continued\r\n\u0000'], body: wish(), status: 400 },
  { name: 'a way out of the path', line: 'GET /orders/..%2f..%2fetc%2fpasswd HTTP/1.1', headers: [DEMO], status: 404 },
  { name: 'a path that cannot be read', line: 'GET /orders/%zz HTTP/1.1', headers: [DEMO], status: 400 },
  { name: 'a NUL as an id', line: 'GET /orders/%00 HTTP/1.1', headers: [DEMO], status: 404 },
  { name: 'SQL as a cursor', line: `GET /orders?cursor='or+1=1-- HTTP/1.1`, headers: [DEMO], status: 400 },
  { name: 'a page of a billion', line: 'GET /orders?limit=1000000000 HTTP/1.1', headers: [DEMO], status: 400 },
  {
    name: 'stock without knowing what it was',
    line: 'PUT /operator/stock/mug HTTP/1.1',
    headers: [OPERATOR, JSON_TYPE],
    body: '{"available":9}',
    status: 428,
  },
  webhook('without a signature'),
  webhook('signed by somebody else', signature('whsec_sandbox')),
  webhook('signed for other bytes', signature(SECRETS.PAYMENT_WEBHOOK_SECRET, 0, `${event} `)),
  webhook('that is played back', signature(SECRETS.PAYMENT_WEBHOOK_SECRET, 600)),
  webhook('with two signatures, neither of them good', signature('whsec_a'), signature('whsec_b')),
];
