import { add, addOpenOrder, change, parked, remove, rowsOf, type Violation } from '../planting.js';
import { CONFIRMED, DECLINED, OUT_OF_STOCK, REFUNDED, saga } from '../sound-world.js';

/** Violations of how orders, their sagas and their units end. */
export const ORDER_VIOLATIONS: Readonly<Record<string, Violation>> = {
  'every-saga-ends': {
    plant: (world) => change(world, 'saga', { order_id: CONFIRMED }, { state: 'pivoted' }),
  },

  'nothing-parked-once-faults-healed': {
    plant: (world) => change(world, 'saga', { order_id: CONFIRMED }, { state: 'parked', parked_reason: 'unclear' }),
  },

  'nothing-stays-pending': { plant: (world) => addOpenOrder(world, 'pending', (id) => [parked(id)]) },

  'one-answer-per-operation': {
    plant: (world) =>
      change(
        world,
        'saga_timeline',
        { order_id: CONFIRMED, seq: 5 },
        {
          ...rowsOf(world, 'saga_timeline')[2],
          seq: 5,
        },
      ),
  },

  'one-open-saga-per-order': {
    plant: (world) => {
      const second = saga(DECLINED, 'checkout', 'compensated');
      add(world, 'saga', { ...second, id: 'second' });
    },
  },

  'one-order-per-key': {
    plant: (world) => {
      change(world, 'customer_order', { id: OUT_OF_STOCK }, { idempotency_key: 'key-c' });
      remove(world, 'idempotency_record', { key: 'key-d' });
    },
  },

  'order-and-saga-agree': {
    plant: (world) => change(world, 'saga', { order_id: CONFIRMED }, { state: 'compensated' }),
  },

  'parked-orders-have-a-parked-saga': {
    plant: (world) =>
      addOpenOrder(world, 'parked', (id) => [saga(id, 'checkout', 'handed-over'), saga(id, 'refund', 'compensated')]),
  },

  'stock-conserved': {
    plant: (world) => {
      change(world, 'stock_item', { sku: 'mug' }, { available: 1000 });
      change(world, 'stock_item', { sku: 'print' }, { reserved: 1 });
      change(world, 'stock_item', { sku: 'tee' }, { available: -1 });
    },
    rows: 3,
  },

  'stored-answers-name-their-order': {
    plant: (world) => change(world, 'idempotency_record', { key: 'key-a' }, { location: `/orders/${REFUNDED}` }),
  },

  'timeline-follows-allowed-edges': {
    // Undone after its pivot; and asked for something after its end.
    plant: (world) => {
      change(world, 'saga_timeline', { order_id: CONFIRMED, event: 'completed' }, { event: 'undone' });
      change(
        world,
        'saga_timeline',
        { order_id: REFUNDED, event: 'handed-over' },
        { event: 'sent', step: 'late-step' },
      );
    },
    rows: 2,
  },

  'timeline-has-no-gaps': {
    plant: (world) => change(world, 'saga_timeline', { order_id: CONFIRMED, seq: 5 }, { seq: 6 }),
  },

  'units-follow-the-order': {
    // It holds no units, so that the counts of the stock stay right.
    plant: (world) => change(world, 'customer_order', { id: OUT_OF_STOCK }, { stock: 'reserved', items: [] }),
  },
};
