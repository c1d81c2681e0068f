import { awaitedOperation } from '@once/saga';
import { describe, expect, it } from 'vitest';
import { catalogue, OrderStory, SITUATIONS, snapshot } from '../../test/order-story.js';
import { decideSaga, type SagaHappening } from './saga-work.js';

const happening = (story: OrderStory, fields: Partial<SagaHappening> = {}): SagaHappening => ({
  orderId: story.placedOrder.id,
  sagaId: story.saga.id,
  input: { kind: 'deadline' },
  payment: null,
  messageId: '01900000-0000-7000-8000-0000000000bb',
  ...fields,
});

const awaited = (story: OrderStory) => {
  const operation = awaitedOperation(story.saga);
  if (operation === null) throw new Error('nothing is awaited');
  return operation;
};

describe('an order that is paid', () => {
  it('goes from reserved to sold in the transition that records the capture, and tells its customer', () => {
    const story = OrderStory.placed();
    expect(story.placedOrder).toMatchObject({ status: 'pending', stock: 'reserved' });

    story.reply('ok', { payment: snapshot('authorised') });
    expect(story.placedOrder).toMatchObject({ status: 'pending', payment: { status: 'authorised' } });
    expect(story.lastCommand).toBe('capture-payment');

    story.reply('ok', { payment: snapshot('captured', 2400) });
    expect(story.placedOrder).toMatchObject({ status: 'confirmed', stock: 'sold', payment: { capturedAmount: 2400 } });
    expect(story.stockOf('mug')).toEqual({ available: 8, reserved: 0, sold: 2 });
    expect(story.lastCommand).toBe('send-confirmation');

    story.reply('ok');
    expect(story.saga.state).toBe('completed');
    expect(story.commands).toHaveLength(3);
  });
});

describe('an order that cannot be paid', () => {
  it.each(['card_declined', 'payment_rejected', 'amount_mismatch', 'authorisation_expired'])(
    'because of %s gives its stock back and is cancelled, with nothing to return',
    (reason) => {
      const story = OrderStory.placed();
      story.reply('refused', { reason, payment: snapshot('declined') });
      expect(story.placedOrder).toMatchObject({ status: 'cancelled', reason, stock: 'returned' });
      expect(story.stockOf('mug')).toEqual({ available: 10, reserved: 0, sold: 0 });
      expect(story.lastCommand).toBe('send-cancellation');
    },
  );

  it('at the capture returns the authorisation first', () => {
    const story = SITUATIONS.capturing();
    story.reply('refused', { reason: 'authorisation_expired' });
    expect(story.lastCommand).toBe('return-payment');
    expect(story.placedOrder).toMatchObject({ status: 'pending', stock: 'reserved' });

    story.reply('ok', { payment: snapshot('voided') });
    expect(story.placedOrder).toMatchObject({
      status: 'cancelled',
      reason: 'authorisation_expired',
      stock: 'returned',
    });
  });

  it('in time is returned, and says that it timed out', () => {
    const story = SITUATIONS.authorising();
    story.happen({ kind: 'deadline' });
    expect(story.lastCommand).toBe('return-payment');
    story.reply('ok');
    expect(story.placedOrder).toMatchObject({ status: 'cancelled', reason: 'timed_out' });
  });

  it('for a reason of a participant that we do not know is told as payment_rejected', () => {
    const story = OrderStory.placed();
    story.reply('refused', { reason: 'returned' });
    expect(story.placedOrder.reason).toBe('payment_rejected');
  });
});

describe('an order that is refunded', () => {
  it('is cancelled, and its units are back on the shelf, when the money has gone back and not before', () => {
    const story = SITUATIONS.refunding();
    expect(story.placedOrder).toMatchObject({ status: 'confirmed', stock: 'sold' });
    expect(story.stockOf('mug')).toEqual({ available: 8, reserved: 0, sold: 2 });

    story.reply('ok', { payment: snapshot('refunded', 2400, 2400) });
    expect(story.placedOrder).toMatchObject({ status: 'cancelled', reason: 'requested', stock: 'returned' });
    expect(story.stockOf('mug')).toEqual({ available: 10, reserved: 0, sold: 0 });
    expect(story.lastCommand).toBe('send-cancellation');
  });
});

describe('an order whose saga is parked', () => {
  it('is parked until it ends, although its saga goes on as soon as an answer decides', () => {
    const story = SITUATIONS.parked();
    expect(story.placedOrder.status).toBe('parked');
    story.reply('ok');
    expect(story.saga).toMatchObject({ state: 'running', step: 'capture-payment' });
    expect(story.placedOrder.status).toBe('parked');
    story.reply('ok');
    expect(story.placedOrder.status).toBe('confirmed');
  });

  it('is cancelled when the answer is no', () => {
    const story = SITUATIONS.parked();
    story.reply('refused', { reason: 'card_declined' });
    expect(story.placedOrder).toMatchObject({ status: 'cancelled', reason: 'card_declined' });
  });

  it('stays confirmed when that is about its mail only', () => {
    const story = SITUATIONS['sending the confirmation']();
    story.happen({ kind: 'reply', operation: awaited(story), outcome: 'unknown', reason: 'mailbox?' });
    expect(story.saga.state).toBe('parked');
    expect(story.placedOrder.status).toBe('confirmed');
  });
});

describe('a reply that nobody awaits', () => {
  it('changes the timeline and nothing else: another saga may be changing the order at this moment', () => {
    const story = SITUATIONS['sending the confirmation']();
    const confirmation = awaited(story);
    const checkoutId = story.saga.id;
    story.cancel();

    const saga = story.sagas.find(({ id }) => id === checkoutId) ?? null;
    const late = happening(story, {
      sagaId: checkoutId,
      input: { kind: 'reply', operation: confirmation, outcome: 'ok' },
      payment: snapshot('refunded', 2400, 2400),
    });
    expect(decideSaga({ order: story.placedOrder, saga }, late, catalogue)).toMatchObject({
      kind: 'change',
      change: { changed: null, moved: { kind: 'late' }, movements: [], commands: [] },
      answer: { kind: 'ignored' },
    });
  });
});

describe('a happening', () => {
  it('asks again with the same command when a timer runs out, and changes nothing of the order', () => {
    const story = OrderStory.placed();
    const before = story.placedOrder;
    story.happen({ kind: 'timer', operation: awaited(story), attempt: 1 });
    expect(story.commands).toHaveLength(2);
    expect(story.commands[1]).toEqual(story.commands[0]);
    expect(story.placedOrder).toEqual(before);
  });

  it('that means nothing by now changes nothing at all', () => {
    const story = SITUATIONS.completed();
    const decision = decideSaga({ order: story.placedOrder, saga: story.saga }, happening(story), catalogue);
    expect(decision).toEqual({ kind: 'answer', answer: { kind: 'ignored' } });
  });

  it('of an order or a saga that does not exist is unknown', () => {
    const story = OrderStory.placed();
    for (const state of [
      { order: null, saga: story.saga },
      { order: story.placedOrder, saga: null },
    ]) {
      expect(decideSaga(state, happening(story), catalogue)).toEqual({ kind: 'answer', answer: { kind: 'unknown' } });
    }
  });

  it('names the message that led to it', () => {
    const story = OrderStory.placed();
    const decision = decideSaga({ order: story.placedOrder, saga: story.saga }, happening(story), catalogue);
    expect(decision).toMatchObject({ change: { causationId: '01900000-0000-7000-8000-0000000000bb' } });
  });
});
