import type { Operation, ReplyOutcome } from '@once/saga';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OrderStory, placing, stockItem } from '../../test/order-story.js';
import type { Order } from '../order/order.js';
import { applyEffects } from './saga-effects.js';

type Act =
  | { readonly kind: 'reply'; readonly sent: number; readonly outcome: 'ok' | 'refused' | 'unknown' }
  | { readonly kind: 'cancel' | 'deadline' | 'timer' };

/** Participants answer anything that was ever sent, in any order, mostly the last; people cancel; time passes. */
const acts: fc.Arbitrary<readonly Act[]> = fc.array(
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        kind: fc.constant('reply' as const),
        sent: fc.constantFrom(0, 0, 0, 0, 1, 2, 4),
        outcome: fc.constantFrom<ReplyOutcome[]>('ok', 'ok', 'ok', 'refused', 'unknown'),
      }),
    },
    { weight: 1, arbitrary: fc.constant<Act>({ kind: 'cancel' }) },
    { weight: 1, arbitrary: fc.constant<Act>({ kind: 'deadline' }) },
    { weight: 1, arbitrary: fc.constant<Act>({ kind: 'timer' }) },
  ),
  { maxLength: 20 },
);

function run(story: OrderStory, act: Act): void {
  switch (act.kind) {
    case 'reply': {
      const operation = operationOf(story.commands.at(-1 - act.sent)?.payload);
      if (operation !== null) story.replyTo(operation, act.outcome, { reason: 'card_declined' });
      return;
    }
    case 'cancel':
      story.cancel();
      return;
    case 'deadline':
      story.happen({ kind: 'deadline' });
      return;
    case 'timer': {
      const { id, step, direction, generation, attempt } = story.saga;
      story.happen({ kind: 'timer', operation: { sagaId: id, step, direction, generation }, attempt });
    }
  }
}

const operationOf = (payload: object | undefined): Operation | null =>
  payload !== undefined && 'operation' in payload ? (payload.operation as Operation) : null;

/** Where the ten units of an article are, as the order's own state says. */
const countsOf = ({ stock }: Order, quantity: number) => ({
  available: stock === 'reserved' || stock === 'sold' ? 10 - quantity : 10,
  reserved: stock === 'reserved' ? quantity : 0,
  sold: stock === 'sold' ? quantity : 0,
});

describe('the stock of an order', () => {
  it('moves as the order says and is conserved, whatever happens in whatever order', () => {
    const ends = new Set<string>();
    fc.assert(
      fc.property(acts, (sequence) => {
        const story = new OrderStory(stockItem('mug', 10), stockItem('tee', 10));
        story.place(
          placing([
            { sku: 'mug', quantity: 2 },
            { sku: 'tee', quantity: 3 },
          ]),
        );
        for (const act of sequence) {
          run(story, act);
          expect(story.stockOf('mug')).toEqual(countsOf(story.placedOrder, 2));
          expect(story.stockOf('tee')).toEqual(countsOf(story.placedOrder, 3));
        }
        const { status, stock } = story.placedOrder;
        ends.add(`${status} ${stock}`);
      }),
      { numRuns: 500 },
    );
    expect(ends).toEqual(new Set(['pending reserved', 'parked reserved', 'confirmed sold', 'cancelled returned']));
  });

  it('is with a confirmed order, and with no cancelled one', () => {
    fc.assert(
      fc.property(acts, (sequence) => {
        const story = OrderStory.placed();
        for (const act of sequence) run(story, act);
        const { status, stock } = story.placedOrder;
        expect([status, stock]).toEqual([
          status,
          { confirmed: 'sold', cancelled: 'returned' }[status as 'confirmed'] ?? 'reserved',
        ]);
      }),
    );
  });
});

describe('an effect that the order service does not know', () => {
  it('is a mistake in the definition, and loud', () => {
    const { placedOrder, saga } = OrderStory.placed();
    const effect = { kind: 'local', name: 'wrap-gift', step: 'wrap', direction: 'action' } as const;
    expect(() => applyEffects(placedOrder, [effect], saga)).toThrow('the local work wrap-gift');
  });
});
