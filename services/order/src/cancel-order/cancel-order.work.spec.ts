import type { IdempotencyRecord, IdentifiedRequest } from '@once/idempotency';
import { describe, expect, it } from 'vitest';
import { catalogue, NOW, OrderStory, refund, responseOf, RETENTION_MS, SITUATIONS } from '../../test/order-story.js';
import type { OrderChange } from '../persistence/order-change.js';
import { decideCancelOrder, type CancelOrderInput } from './cancel-order.work.js';

const decide = (story: OrderStory, input: Partial<CancelOrderInput> = {}, record: IdempotencyRecord | null = null) =>
  decideCancelOrder(
    { order: story.placedOrder, saga: story.saga, record, now: NOW },
    { account: 'demo', orderId: story.placedOrder.id, request: null, ...input },
    { catalogue, refund, retentionMs: RETENTION_MS },
  );

const changeOf = (decision: ReturnType<typeof decide>): OrderChange => {
  if (decision.kind !== 'change') throw new Error(`nothing changes: ${JSON.stringify(decision.answer)}`);
  return decision.change;
};
const bodyOf = (decision: ReturnType<typeof decide>): unknown => JSON.parse(responseOf(decision.answer).body);
const statusOf = (decision: ReturnType<typeof decide>): number => responseOf(decision.answer).status;
const commandsOf = ({ commands }: OrderChange) => commands.map(({ kind }) => kind.type);

describe('the cancellation of an order that is not paid yet', () => {
  it.each(['authorising', 'capturing', 'parked'] as const)(
    'wins while it is %s: the payment is returned',
    (situation) => {
      const decision = decide(SITUATIONS[situation]());
      const change = changeOf(decision);
      expect(statusOf(decision)).toBe(202);
      const status = situation === 'parked' ? 'parked' : 'pending';
      expect(bodyOf(decision)).toMatchObject({ status, cancelRequestedAt: NOW });
      expect(change.moved?.next).toMatchObject({ state: 'compensating', reason: 'requested' });
      expect(change.started).toBeNull();
      expect(commandsOf(change)).toEqual(['return-payment']);
      // The units stay reserved until it is sure that they are not sold.
      expect(change.movements).toEqual([]);
    },
  );

  it('ends in a cancelled order with its units back', () => {
    const story = SITUATIONS.capturing();
    story.cancel();
    story.reply('ok');
    expect(story.placedOrder).toMatchObject({ status: 'cancelled', reason: 'requested', stock: 'returned' });
    expect(story.stockOf('mug')).toEqual({ available: 10, reserved: 0, sold: 0 });
  });

  it('changes nothing while the order is being undone for another reason', () => {
    const decision = decide(SITUATIONS.undoing());
    expect(decision.kind).toBe('answer');
    expect(statusOf(decision)).toBe(202);
    expect(bodyOf(decision)).not.toHaveProperty('cancelRequestedAt');
  });
});

describe('the cancellation of a paid order', () => {
  it.each(['sending the confirmation', 'completed'] as const)(
    'starts the refund while it is %s, in the change that closes the checkout',
    (situation) => {
      const decision = decide(SITUATIONS[situation]());
      const change = changeOf(decision);
      expect(statusOf(decision)).toBe(202);
      expect(bodyOf(decision)).toMatchObject({ status: 'confirmed', cancelRequestedAt: NOW });
      expect(change.moved?.next.state).toBe('handed-over');
      expect(change.started?.next).toMatchObject({ definition: 'refund', step: 'return-payment', reason: 'requested' });
      expect(change.commands).toMatchObject([{ kind: { type: 'return-payment' }, sagaId: change.started?.next.id }]);
      expect(change.changed).toMatchObject({ status: 'confirmed', stock: 'sold' });
    },
  );

  it('starts no second refund while the first is under way', () => {
    const decision = decide(SITUATIONS.refunding());
    expect(decision.kind).toBe('answer');
    expect(statusOf(decision)).toBe(202);
    expect(bodyOf(decision)).toMatchObject({ status: 'confirmed', cancelRequestedAt: NOW });
  });
});

describe('the cancellation of a cancelled order', () => {
  it.each(['out of stock', 'declined', 'refunded'] as const)('answers 200 and changes nothing (%s)', (situation) => {
    const decision = decide(SITUATIONS[situation]());
    expect(decision.kind).toBe('answer');
    expect(statusOf(decision)).toBe(200);
    expect(bodyOf(decision)).toMatchObject({ status: 'cancelled' });
  });
});

describe('the cancellation of an order that this account does not have', () => {
  it('finds nothing, with and without a key', () => {
    const story = OrderStory.placed();
    const request = { scope: 's', key: 'k', fingerprint: 'v1:null' };
    for (const input of [{ account: 'acme' }, { account: 'acme', request }]) {
      expect(decide(story, input)).toEqual({ kind: 'answer', answer: { kind: 'not-found' } });
    }
    const nothing = { order: null, saga: null, record: null, now: NOW };
    const input = { account: 'demo', orderId: 'none', request: null };
    expect(decideCancelOrder(nothing, input, { catalogue, refund, retentionMs: RETENTION_MS })).toEqual({
      kind: 'answer',
      answer: { kind: 'not-found' },
    });
  });
});

describe('a cancellation with a key', () => {
  const request: IdentifiedRequest = { scope: 'demo POST /orders/{id}/cancel 1', key: 'k', fingerprint: 'v1:null' };
  const storedRecord = (change: OrderChange): IdempotencyRecord => {
    const [record] = change.records;
    if (record?.outcome === undefined) throw new Error('the change has no finished record');
    return { ...record, outcome: record.outcome, leaseToken: 0, isLeaseLive: false, ageMs: 0 };
  };

  it('commits its answer with its effect', () => {
    const story = SITUATIONS.completed();
    const decision = decide(story, { request });
    expect(changeOf(decision)).toMatchObject({
      started: { next: { definition: 'refund' } },
      records: [{ ...request, subject: story.placedOrder.id, recoveryPoint: 'finished', outcome: { status: 202 } }],
    });
  });

  it('commits its answer also when there is nothing to cancel', () => {
    const decision = decide(SITUATIONS.refunded(), { request });
    expect(changeOf(decision)).toMatchObject({
      changed: null,
      moved: null,
      commands: [],
      records: [{ outcome: { status: 200 } }],
    });
  });

  it('gets its first answer again, whatever the order has become', () => {
    const story = SITUATIONS.completed();
    const first = decide(story, { request });
    story.cancel();
    story.reply('ok');
    expect(decide(story, { request }, storedRecord(changeOf(first)))).toEqual({
      kind: 'answer',
      answer: { kind: 'response', response: responseOf(first.answer), isReplay: true },
    });
  });
});
