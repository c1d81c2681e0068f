import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { releaseStock, reserveStock, restock, sellStock, type StockMovement } from './stock.js';

const items = fc.uniqueArray(
  fc.record({ sku: fc.string(), quantity: fc.integer({ min: 1, max: 1000 }), unitAmount: fc.nat() }),
  {
    selector: ({ sku }) => sku,
  },
);

const sum = (movements: readonly StockMovement[]) =>
  movements.reduce(
    (total, { available, reserved, sold }) => ({
      available: total.available + available,
      reserved: total.reserved + reserved,
      sold: total.sold + sold,
    }),
    { available: 0, reserved: 0, sold: 0 },
  );

describe('stock', () => {
  it.each([
    ['is reserved', reserveStock, { available: -2, reserved: 2, sold: 0 }],
    ['is sold', sellStock, { available: 0, reserved: -2, sold: 2 }],
    ['is released', releaseStock, { available: 2, reserved: -2, sold: 0 }],
    ['is put back', restock, { available: 2, reserved: 0, sold: -2 }],
  ])('that %s only moves between its counts', (_name, move, movement) => {
    expect(move({ items: [{ sku: 'mug', quantity: 2, unitAmount: 1200 }] })).toEqual([{ sku: 'mug', ...movement }]);
    fc.assert(
      fc.property(items, (ordered) => {
        for (const { available, reserved, sold } of move({ items: ordered }))
          expect(available + reserved + sold).toBe(0);
      }),
    );
  });

  it('is where it was after every way of undoing', () => {
    fc.assert(
      fc.property(items, (ordered) => {
        const order = { items: ordered };
        expect(sum([...reserveStock(order), ...releaseStock(order)])).toEqual({ available: 0, reserved: 0, sold: 0 });
        expect(sum([...reserveStock(order), ...sellStock(order), ...restock(order)])).toEqual({
          available: 0,
          reserved: 0,
          sold: 0,
        });
      }),
    );
  });
});
