import type { IdempotencyRecord } from '@once/idempotency';
import { describe, expect, it } from 'vitest';
import { checkout, NOW, placing, responseOf, RETENTION_MS, stockItem } from '../../test/order-story.js';
import type { OrderChange } from '../persistence/order-change.js';
import { decidePlaceOrder, type PlaceOrderInput, type PlaceOrderState } from './place-order.work.js';

const stock = [stockItem('mug', 10), stockItem('tee', 5, 2500)];

const decide = (input: PlaceOrderInput, state: Partial<PlaceOrderState> = {}) =>
  decidePlaceOrder({ record: null, existingOrderId: null, stock, now: NOW, ...state }, input, {
    checkout,
    retentionMs: RETENTION_MS,
  });

const changeOf = (decision: ReturnType<typeof decide>): OrderChange => {
  if (decision.kind !== 'change') throw new Error(`nothing changes: ${JSON.stringify(decision.answer)}`);
  return decision.change;
};

/** The record that a placed order left, as it is loaded later. */
const recordOf = (decision: ReturnType<typeof decide>, fields: Partial<IdempotencyRecord> = {}): IdempotencyRecord => {
  const [record] = changeOf(decision).records;
  if (record?.outcome === undefined) throw new Error('the change has no finished record');
  return { ...record, outcome: record.outcome, leaseToken: 0, isLeaseLive: false, ageMs: 0, ...fields };
};

describe('an order that is in stock', () => {
  const input = placing([
    { sku: 'tee', quantity: 2 },
    { sku: 'mug', quantity: 3 },
  ]);
  const decision = decide(input);
  const change = changeOf(decision);

  it('is pending, with its stock reserved and its amount from the price list', () => {
    expect(change.placed).toMatchObject({
      idempotencyKey: input.request.key,
      order: {
        account: 'demo',
        status: 'pending',
        reason: null,
        items: [
          { sku: 'tee', quantity: 2, unitAmount: 2500 },
          { sku: 'mug', quantity: 3, unitAmount: 1200 },
        ],
        amount: 8600,
        currency: 'EUR',
        stock: 'reserved',
        payment: { status: 'pending', capturedAmount: 0, refundedAmount: 0 },
        createdAt: NOW,
      },
    });
    expect(change.movements).toEqual([
      { sku: 'tee', available: -2, reserved: 2, sold: 0 },
      { sku: 'mug', available: -3, reserved: 3, sold: 0 },
    ]);
  });

  it('has its saga started and its payment asked for in the same change', () => {
    const id = change.placed?.order.id;
    expect(change.started?.next).toMatchObject({ subjectId: id, step: 'authorise-payment', state: 'running' });
    expect(change.commands).toMatchObject([
      { kind: { type: 'authorise-payment' }, payload: { orderId: id, amount: 8600 }, sagaId: change.started?.next.id },
    ]);
  });

  it('answers 202 with its location and its receipt, and records exactly that', () => {
    const id = change.placed?.order.id;
    const response = responseOf(decision.answer);
    expect(response).toMatchObject({ status: 202, headers: { location: `/orders/${id}` } });
    expect(JSON.parse(response.body)).toEqual({
      id,
      status: 'pending',
      items: [
        { sku: 'tee', quantity: 2, unitAmount: 2500 },
        { sku: 'mug', quantity: 3, unitAmount: 1200 },
      ],
      amount: 8600,
      currency: 'EUR',
      createdAt: NOW,
    });
    expect(change.records).toMatchObject([
      { ...input.request, subject: id, recoveryPoint: 'finished', outcome: response },
    ]);
  });

  it('may take the last units', () => {
    expect(changeOf(decide(placing([{ sku: 'mug', quantity: 10 }]))).placed?.order.status).toBe('pending');
  });
});

describe('an order for more than the stock', () => {
  const decision = decide(
    placing([
      { sku: 'mug', quantity: 1 },
      { sku: 'tee', quantity: 6 },
    ]),
  );
  const change = changeOf(decision);

  it('is placed as cancelled, moves no unit and asks nobody for money', () => {
    expect(change.placed?.order).toMatchObject({
      status: 'cancelled',
      reason: 'out_of_stock',
      stock: 'none',
      payment: null,
    });
    expect(change.movements).toEqual([]);
    expect(change.commands.map(({ kind }) => kind.type)).toEqual(['send-cancellation']);
  });

  it('answers 202 and says why', () => {
    const response = responseOf(decision.answer);
    expect(response.status).toBe(202);
    expect(JSON.parse(response.body)).toMatchObject({ status: 'cancelled', reason: 'out_of_stock' });
  });

  it('gets the same answer under the same key after the stock has come back', () => {
    const input = placing([{ sku: 'tee', quantity: 6 }]);
    const first = decide(input);
    const restocked = [stockItem('tee', 100, 2500)];
    expect(decide(input, { record: recordOf(first), stock: restocked, existingOrderId: 'made' })).toEqual({
      kind: 'answer',
      answer: { kind: 'response', response: responseOf(first.answer), isReplay: true },
    });
  });
});

describe('an order for what is not sold', () => {
  const input = placing([
    { sku: 'unicorn', quantity: 1 },
    { sku: 'mug', quantity: 1 },
    { sku: 'dragon', quantity: 1 },
  ]);

  it('is told every wrong item and leaves nothing, not even the key', () => {
    expect(decide(input)).toEqual({ kind: 'answer', answer: { kind: 'unknown-sku', indexes: [0, 2] } });
  });

  it('was sold when the key was used first: the answer is repeated all the same', () => {
    const sold = [...stock, stockItem('unicorn', 1), stockItem('dragon', 1)];
    const record = recordOf(decide(input, { stock: sold }));
    expect(decide(input, { record })).toMatchObject({ answer: { kind: 'response', isReplay: true } });
  });
});

describe('an order for articles that are sold in different currencies', () => {
  const input = placing(['mug', 'bowl', 'tee', 'rug'].map((sku) => ({ sku, quantity: 1 })));
  const dollars = { currency: 'USD' } as const;
  const mixed = [...stock, { ...stockItem('bowl', 1), ...dollars }, { ...stockItem('rug', 1), ...dollars }];

  it('is told every item that does not go with the first, and leaves nothing, not even the key', () => {
    expect(decide(input, { stock: mixed })).toEqual({
      kind: 'answer',
      answer: { kind: 'mixed-currencies', indexes: [1, 3] },
    });
  });

  it('was in one currency when the key was used first: the answer is repeated all the same', () => {
    const record = recordOf(decide(input, { stock: mixed.map((item) => ({ ...item, ...dollars })) }));
    expect(decide(input, { record, stock: mixed })).toMatchObject({ answer: { kind: 'response', isReplay: true } });
  });

  it('is placed in another currency than euros when all of them are sold in it', () => {
    const inDollars = mixed.map((item) => ({ ...item, ...dollars }));
    const change = changeOf(decide(input, { stock: inDollars }));
    expect(change.placed?.order).toMatchObject({ status: 'pending', currency: 'USD' });
    expect(change.commands).toMatchObject([{ payload: { currency: 'USD' } }]);
  });
});

describe('a key that was used before', () => {
  const input = placing();
  const first = decide(input);

  it('for another order is refused', () => {
    const other = placing(undefined, { key: input.request.key, fingerprint: 'v1:b' });
    expect(decide(other, { record: recordOf(first) })).toEqual({
      kind: 'answer',
      answer: { kind: 'mismatched', isFinished: true },
    });
  });

  it('so long ago that its answer is gone makes no second order, and names the first', () => {
    const record = recordOf(first, { ageMs: RETENTION_MS + 1 });
    const location = responseOf(first.answer).headers.location;
    expect(decide(input, { record })).toEqual({ kind: 'answer', answer: { kind: 'purged', location } });
  });

  it('so long ago that its record is gone makes no second order either, whatever it asks for', () => {
    for (const asked of [input, placing([{ sku: 'unicorn', quantity: 1 }])]) {
      expect(decide(asked, { existingOrderId: 'order-1' })).toEqual({
        kind: 'answer',
        answer: { kind: 'purged', location: '/orders/order-1' },
      });
    }
  });
});

describe('an order that comes while the outbox is full', () => {
  const full = { ...placing(), isOutboxFull: true };

  it('is not begun, and leaves no record: its key may place it later', () => {
    expect(decide(full)).toEqual({ kind: 'answer', answer: { kind: 'overloaded' } });
  });

  it('is answered as before when it was placed before', () => {
    const placed = decide({ ...full, isOutboxFull: false });
    const repeat = decide(full, { record: recordOf(placed) });
    expect(repeat).toMatchObject({ kind: 'answer', answer: { kind: 'response', isReplay: true } });
  });
});
