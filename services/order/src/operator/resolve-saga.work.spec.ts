import { describe, expect, it } from 'vitest';
import { catalogue, OrderStory, SITUATIONS, snapshot } from '../../test/order-story.js';
import { NOT_ASKED, type Learned } from './learned.js';
import { decideResolution, type ResolveSagaInput } from './resolve-saga.work.js';

const decide = (
  story: OrderStory,
  resolution: ResolveSagaInput['resolution'],
  fields: Partial<OrderStory['placedOrder']> = {},
  learned: Learned = NOT_ASKED,
) =>
  decideResolution(
    { order: { ...story.placedOrder, ...fields }, saga: story.saga },
    { orderId: story.placedOrder.id, sagaId: story.saga.id, resolution, note: 'ticket 42', learned },
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

  it('against the word of the payment service is a conflict, and says how new that word is', () => {
    const payment = snapshot('captured', 2400);
    const words = [NOT_ASKED, { kind: 'answered', payment }, { kind: 'silent', afterMs: 30_000, payment }] as const;
    const answers = words.map((learned) => decide(SITUATIONS.parked(), 'not-applied', { payment }, learned));

    expect(answers.map(({ kind, answer }) => [kind, answer])).toEqual(
      [
        'The payment service said last that the payment is captured, so',
        'Asked just now, the payment service says that the payment is captured, so',
        'The payment service did not answer within 30000 ms, and said last that the payment is captured, so',
      ].map((why) => [
        'answer',
        { kind: 'conflict', why: `${why} it cannot be settled that authorise-payment was not applied.` },
      ]),
    );
  });

  it('keeps in the timeline what was learned before it', () => {
    const learned = { kind: 'answered', payment: snapshot('unknown') } as const;
    expect(decide(SITUATIONS.parked(), 'applied', {}, learned)).toMatchObject({
      change: {
        moved: {
          events: [
            { detail: { learned: 'asked just now, the payment service says that the payment is unknown' } },
            { event: 'sent' },
          ],
        },
      },
    });
  });

  it('comes too late when the answer has decided, and says so', () => {
    const learned = { kind: 'answered', payment: snapshot('authorised') } as const;
    expect(decide(SITUATIONS.capturing(), 'not-applied', {}, learned)).toMatchObject({
      answer: {
        why:
          'Asked just now, the payment service says that the payment is authorised, ' +
          'and the saga is running; only a parked one can be resolved.',
      },
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
    const input = {
      orderId: story.placedOrder.id,
      sagaId: saga.id,
      resolution: 'retry',
      note: 'again',
      learned: NOT_ASKED,
    } as const;

    expect(decideResolution({ order: story.placedOrder, saga }, input, catalogue)).toEqual({
      kind: 'answer',
      answer: { kind: 'conflict', why: 'This process cannot read the saga: definition checkout 99 is not known.' },
    });
  });

  it('of nothing is unknown', () => {
    const input = { orderId: 'o', sagaId: 's', resolution: 'retry', note: 'again', learned: NOT_ASKED } as const;
    expect(decideResolution({ order: null, saga: null }, input, catalogue)).toMatchObject({
      answer: { kind: 'unknown' },
    });
  });
});
