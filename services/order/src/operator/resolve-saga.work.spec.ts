import { describe, expect, it } from 'vitest';
import { catalogue, OrderStory, SITUATIONS, snapshot } from '../../test/order-story.js';
import { decideResolution, type ResolveSagaInput } from './resolve-saga.work.js';

const decide = (
  story: OrderStory,
  resolution: ResolveSagaInput['resolution'],
  fields: Partial<OrderStory['placedOrder']> = {},
) =>
  decideResolution(
    { order: { ...story.placedOrder, ...fields }, saga: story.saga },
    { orderId: story.placedOrder.id, sagaId: story.saga.id, resolution, note: 'ticket 42' },
    catalogue,
  );

describe('a resolution', () => {
  it('is decided together with everything that follows from it', () => {
    const parked = SITUATIONS.parked();

    expect(decide(parked, 'applied')).toMatchObject({
      kind: 'change',
      answer: { kind: 'resolved' },
      change: {
        changed: { status: 'parked' },
        moved: {
          next: { state: 'running', step: 'capture-payment', version: parked.saga.version + 1 },
          events: [
            { event: 'resolved', step: 'authorise-payment', detail: { resolution: 'applied', note: 'ticket 42' } },
            { event: 'sent', step: 'capture-payment' },
          ],
        },
        commands: [{ kind: { type: 'capture-payment' } }],
      },
    });
  });

  it('that nothing was reserved returns the payment before the order is cancelled', () => {
    expect(decide(SITUATIONS.parked(), 'not-applied')).toMatchObject({
      change: {
        changed: { status: 'parked', stock: 'reserved' },
        commands: [{ kind: { type: 'return-payment' } }],
        movements: [],
      },
    });
  });

  it('that asks again keeps the order parked', () => {
    expect(decide(SITUATIONS.parked(), 'retry')).toMatchObject({
      change: { changed: { status: 'parked' }, commands: [{ kind: { type: 'authorise-payment' } }] },
    });
  });

  it('against the word of the payment service is a conflict', () => {
    expect(decide(SITUATIONS.parked(), 'not-applied', { payment: snapshot('captured', 2400) })).toEqual({
      kind: 'answer',
      answer: { kind: 'conflict', why: expect.stringContaining('the payment is captured') as string },
    });
  });

  it.each(['authorising', 'undoing', 'completed', 'refunded'] as const)(
    'of an order that is %s is a conflict',
    (name) => {
      expect(decide(SITUATIONS[name](), 'applied')).toMatchObject({ kind: 'answer', answer: { kind: 'conflict' } });
    },
  );

  it('of a saga that this process cannot read is a conflict', () => {
    const story = SITUATIONS.parked();
    const saga = { ...story.saga, definitionVersion: 99, parkedReason: 'definition checkout 99 is not known' };
    const input = { orderId: story.placedOrder.id, sagaId: saga.id, resolution: 'retry', note: 'again' } as const;

    expect(decideResolution({ order: story.placedOrder, saga }, input, catalogue)).toEqual({
      kind: 'answer',
      answer: { kind: 'conflict', why: 'This process cannot read the saga: definition checkout 99 is not known.' },
    });
  });

  it('of nothing is unknown', () => {
    const input = { orderId: 'o', sagaId: 's', resolution: 'retry', note: 'again' } as const;
    expect(decideResolution({ order: null, saga: null }, input, catalogue)).toMatchObject({
      answer: { kind: 'unknown' },
    });
  });
});
