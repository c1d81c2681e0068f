/**
 * A small world in which every invariant of the audit holds, as rows of the scratch tables: a confirmed order, one that was
 * refunded, one whose card was declined, and one for more than the stock.
 */
export type Row = Record<string, unknown>;
export type World = Record<string, Row[]>;

export const CONFIRMED = '00000000-0000-7000-8000-00000000000a';
export const REFUNDED = '00000000-0000-7000-8000-00000000000b';
export const DECLINED = '00000000-0000-7000-8000-00000000000c';
export const OUT_OF_STOCK = '00000000-0000-7000-8000-00000000000d';

const AT = '2026-01-01T12:00:00Z';
const EMAIL = 'ada@example.com';

export const soundWorld = (): World => ({
  ledger: [
    movement(1, 'authorise', CONFIRMED, 1200),
    movement(2, 'capture', CONFIRMED, 1200),
    movement(3, 'authorise', REFUNDED, 4000),
    movement(4, 'capture', REFUNDED, 4000),
    movement(5, 'refund', REFUNDED, 4000),
  ],
  provider_call: [
    call(1, 'create', CONFIRMED),
    call(2, 'confirm', CONFIRMED),
    call(3, 'capture', CONFIRMED),
    call(4, 'create', REFUNDED),
    call(5, 'confirm', REFUNDED),
    call(6, 'capture', REFUNDED),
    call(7, 'refund', REFUNDED),
    call(8, 'create', DECLINED),
    { ...call(9, 'confirm', DECLINED), status: 402, applied: false },
    call(10, 'cancel', DECLINED),
  ],
  mail: [
    mail(1, CONFIRMED, 'confirmed'),
    mail(2, REFUNDED, 'confirmed'),
    mail(3, REFUNDED, 'cancelled'),
    mail(4, DECLINED, 'cancelled'),
    mail(5, OUT_OF_STOCK, 'cancelled'),
  ],
  webhook_attempt: [{ seq: 1, at: AT, order_id: CONFIRMED, reference: 'evt_1', status: 200 }],
  fault_rule: [],
  customer_order: [
    order(CONFIRMED, { status: 'confirmed', amount: 1200, stock: 'sold', captured_amount: 1200, sku: 'mug' }),
    order(REFUNDED, { amount: 4000, captured_amount: 4000, refunded_amount: 4000, sku: 'print' }),
    order(DECLINED, { amount: 2500, sku: 'tee' }),
    order(OUT_OF_STOCK, { amount: 99_000, stock: 'none', sku: 'limited' }),
  ],
  stock_item: [
    { sku: 'mug', available: 999, reserved: 0, sold: 1 },
    { sku: 'print', available: 1000, reserved: 0, sold: 0 },
    { sku: 'tee', available: 1000, reserved: 0, sold: 0 },
    { sku: 'limited', available: 10, reserved: 0, sold: 0 },
  ],
  saga: [
    saga(CONFIRMED, 'checkout', 'completed'),
    saga(REFUNDED, 'checkout', 'handed-over'),
    saga(REFUNDED, 'refund', 'completed'),
    saga(DECLINED, 'checkout', 'compensated'),
    saga(OUT_OF_STOCK, 'checkout', 'compensated'),
  ],
  saga_timeline: [
    ...story(CONFIRMED, [
      ['checkout', 'started'],
      ['checkout', 'sent', 'capture-payment'],
      ['checkout', 'replied', 'capture-payment'],
      ['checkout', 'pivoted'],
      ['checkout', 'completed'],
    ]),
    ...story(REFUNDED, [
      ['checkout', 'started'],
      ['checkout', 'sent', 'capture-payment'],
      ['checkout', 'replied', 'capture-payment'],
      ['checkout', 'pivoted'],
      ['checkout', 'completed'],
      ['checkout', 'handed-over'],
      ['refund', 'started'],
      ['refund', 'sent', 'return-payment'],
      ['refund', 'replied', 'return-payment'],
      ['refund', 'completed'],
    ]),
    ...story(DECLINED, [
      ['checkout', 'started'],
      ['checkout', 'sent', 'authorise-payment'],
      ['checkout', 'replied', 'authorise-payment', 'refused'],
      ['checkout', 'undone'],
      ['checkout', 'compensated'],
    ]),
    ...story(OUT_OF_STOCK, [
      ['checkout', 'started'],
      ['checkout', 'undone'],
      ['checkout', 'compensated'],
    ]),
  ],
  payment: [
    payment(CONFIRMED, { goal: 'collect', captured_amount: 1200 }),
    payment(REFUNDED, { goal: 'return', captured_amount: 4000, refunded_amount: 4000 }),
    payment(DECLINED, { goal: 'return' }),
  ],
  correspondence: [
    { order_id: CONFIRMED, confirmation_status: 'sent', cancellation_status: null },
    { order_id: REFUNDED, confirmation_status: 'sent', cancellation_status: 'sent' },
    { order_id: DECLINED, confirmation_status: null, cancellation_status: 'sent' },
    { order_id: OUT_OF_STOCK, confirmation_status: null, cancellation_status: 'sent' },
  ],
  mail_attempt: [
    mailAttempt(CONFIRMED, 'confirmed', 'deferred'),
    mailAttempt(CONFIRMED, 'confirmed', 'unknown'),
    mailAttempt(CONFIRMED, 'confirmed', 'sent'),
    mailAttempt(REFUNDED, 'confirmed', 'sent'),
    mailAttempt(REFUNDED, 'cancelled', 'sent'),
    mailAttempt(DECLINED, 'cancelled', 'sent'),
    mailAttempt(OUT_OF_STOCK, 'cancelled', null),
  ],
  idempotency_record: [
    ...[CONFIRMED, REFUNDED, DECLINED, OUT_OF_STOCK].map(answer),
    stepRecord(CONFIRMED, 'checkout', 'capture-payment'),
    stepRecord(REFUNDED, 'checkout', 'capture-payment'),
    stepRecord(REFUNDED, 'refund', 'return-payment'),
    stepRecord(DECLINED, 'checkout', 'authorise-payment'),
    { service: 'payment', scope: 'event', key: 'evt_1', subject: CONFIRMED, is_finished: true },
  ],
  outbox_message: [],
  failed_delivery: [],
  open_transaction: [],
  unique_index: [
    index('order', 'idempotency_record', 'scope, key'),
    index('payment', 'idempotency_record', 'scope, key'),
    index('notification', 'idempotency_record', 'scope, key'),
    index('order', 'customer_order', 'idempotency_key, account'),
    { ...index('order', 'saga', 'subject_id'), is_partial: true },
    index('order', 'saga_timeline', 'subject_id, seq'),
    index('payment', 'payment', 'order_id'),
    index('payment', 'payment', 'intent_id'),
    index('notification', 'correspondence', 'order_id'),
  ],
  queue: [
    { name: 'once.order', ready: 0, unacknowledged: 0, consumers: 1, expected_consumers: 1, is_dead_letter: false },
    { name: 'once.order.dead', ready: 0, unacknowledged: 0, consumers: 0, expected_consumers: 0, is_dead_letter: true },
  ],
  request: [
    request(1, CONFIRMED, 'POST', 202, 'pending'),
    request(2, CONFIRMED, 'POST', 202, 'pending'),
    request(3, REFUNDED, 'POST', 202, 'pending'),
    request(4, DECLINED, 'POST', 202, 'pending'),
    request(5, OUT_OF_STOCK, 'POST', 202, 'cancelled'),
    { ...request(6, CONFIRMED, 'POST', 409, ''), order_id: null, body_digest: 'not yet' },
    request(7, REFUNDED, 'GET', 200, 'confirmed'),
    request(8, REFUNDED, 'GET', 200, 'cancelled'),
  ],
  initial_stock: [{ sku: 'mug', units: 1000 }],
});

export const movement = (seq: number, kind: string, orderId: string, amount: number): Row => ({
  seq,
  at: AT,
  kind,
  order_id: orderId,
  payment_intent: intentOf(orderId),
  amount,
  currency: 'EUR',
});

const OPERATIONS: Readonly<Record<string, string>> = {
  create: 'payment_intents.create',
  confirm: 'payment_intents.confirm',
  capture: 'payment_intents.capture',
  cancel: 'payment_intents.cancel',
  refund: 'refunds.create',
};

export const call = (seq: number, name: string, orderId: string): Row => ({
  seq,
  at: AT,
  operation: OPERATIONS[name],
  order_id: orderId,
  payment_intent: intentOf(orderId),
  idempotency_key: `${orderId}:${name}:1`,
  fingerprint: `${orderId} ${name}`,
  status: 200,
  applied: true,
});

const intentOf = (orderId: string): string => `pi_${orderId.at(-1)}`;

export const mail = (seq: number, orderId: string, template: string): Row => ({
  seq,
  at: AT,
  order_id: orderId,
  template,
  recipient: EMAIL,
  message_id: `<${orderId}.${template}>`,
});

export const mailAttempt = (orderId: string, template: string, outcome: string | null): Row => ({
  order_id: orderId,
  template,
  outcome,
});

const order = (id: string, { sku, ...fields }: Row & { readonly sku: string }): Row => ({
  id,
  account: 'demo',
  idempotency_key: keyOf(id),
  status: 'cancelled',
  items: [{ sku, quantity: 1 }],
  currency: 'EUR',
  email: EMAIL,
  stock: 'returned',
  captured_amount: 0,
  refunded_amount: 0,
  created_at: AT,
  ...fields,
});

const keyOf = (orderId: string): string => `key-${orderId.at(-1)}`;

export const sagaIdOf = (orderId: string, definition: string): string => `${definition} of ${orderId.at(-1)}`;

export const saga = (orderId: string, definition: string, state: string): Row => ({
  id: sagaIdOf(orderId, definition),
  order_id: orderId,
  definition,
  state,
  step: 'send-confirmation',
  direction: 'action',
  generation: 1,
  attempt: 1,
  created_at: AT,
});

type Line = readonly [definition: string, event: string, step?: string, outcome?: string];

const story = (orderId: string, lines: readonly Line[]): Row[] =>
  lines.map(([definition, event, step = null, outcome = event === 'replied' ? 'ok' : null], index) => ({
    order_id: orderId,
    seq: index + 1,
    at: AT,
    service: 'order',
    replica: 0,
    saga_id: sagaIdOf(orderId, definition),
    step,
    direction: step === null ? null : 'action',
    generation: step === null ? null : 1,
    event,
    outcome,
    cause: index === 0 ? null : index,
  }));

const payment = (orderId: string, fields: Row): Row => ({
  order_id: orderId,
  intent_id: intentOf(orderId),
  captured_amount: 0,
  refunded_amount: 0,
  open_requests: 0,
  ...fields,
});

const answer = (orderId: string): Row => ({
  service: 'order',
  scope: 'demo POST /orders',
  key: keyOf(orderId),
  subject: orderId,
  is_finished: true,
  location: `/orders/${orderId}`,
});

export const stepRecord = (orderId: string, definition: string, step: string): Row => ({
  service: 'payment',
  scope: 'step',
  key: `${sagaIdOf(orderId, definition)}/${step}/action/1`,
  subject: orderId,
  is_finished: true,
});

const index = (service: string, relation: string, columns: string): Row => ({
  service,
  relation,
  columns,
  is_partial: false,
});

const request = (seq: number, orderId: string, method: string, status: number, orderStatus: string): Row => ({
  seq,
  sent_at: `2026-01-01T11:00:0${seq}.000Z`,
  received_at: `2026-01-01T11:00:0${seq}.500Z`,
  account: 'demo',
  key: method === 'POST' ? keyOf(orderId) : null,
  fingerprint: method === 'POST' ? `body of ${orderId}` : null,
  method,
  path: method === 'POST' ? '/orders' : `/orders/${orderId}`,
  status,
  body_digest: `${orderId} ${orderStatus}`,
  order_id: orderId,
  order_status: orderStatus,
});
