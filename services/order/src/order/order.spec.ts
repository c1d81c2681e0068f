import type { PaymentSnapshot } from '@once/contracts';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NOW, OrderStory, snapshot } from '../../test/order-story.js';
import { receiptOf, viewOf, withPayment, type Order } from './order.js';

const { placedOrder } = OrderStory.placed();

describe('what an order knows of its payment', () => {
  const told: fc.Arbitrary<PaymentSnapshot> = fc.constantFrom(
    snapshot('pending'),
    snapshot('authorised'),
    snapshot('captured', 2400),
    snapshot('refunded', 2400, 2400),
  );
  const tell = (order: Order, snapshots: readonly PaymentSnapshot[]) => snapshots.reduce(withPayment, order);

  it('is the farthest that was told, in whatever order and however often', () => {
    const progress = ['pending', 'authorised', 'captured', 'refunded'];
    fc.assert(
      fc.property(fc.array(told, { minLength: 1 }), (snapshots) => {
        const farthest = Math.max(...snapshots.map(({ status }) => progress.indexOf(status)));
        expect(tell({ ...placedOrder, payment: null }, snapshots).payment?.status).toBe(progress[farthest]);
      }),
    );
  });

  it.each(['voided', 'refunded', 'declined'] as const)('stays %s when an older reply comes late', (status) => {
    const order = withPayment(placedOrder, snapshot(status));
    for (const late of ['pending', 'unknown', 'authorised', 'captured'] as const) {
      expect(withPayment(order, snapshot(late))).toBe(order);
    }
  });

  it('does not change when nothing is told', () => {
    expect(withPayment(placedOrder, null)).toBe(placedOrder);
  });
});

describe('an order as callers see it', () => {
  it('is a receipt without what is live or private', () => {
    expect(receiptOf(placedOrder)).toEqual({
      id: placedOrder.id,
      status: 'pending',
      items: [{ sku: 'mug', quantity: 2, unitAmount: 1200 }],
      amount: 2400,
      currency: 'EUR',
      createdAt: NOW,
    });
  });

  it('has its reason, its payment and the wish to cancel it where there are any', () => {
    expect(viewOf(placedOrder)).toEqual({ ...receiptOf(placedOrder), payment: snapshot('pending') });
    expect(viewOf({ ...placedOrder, status: 'cancelled', reason: 'requested', cancelRequestedAt: NOW })).toMatchObject({
      reason: 'requested',
      cancelRequestedAt: NOW,
    });
  });
});
