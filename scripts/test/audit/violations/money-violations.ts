import { add, change, remove, type Violation } from '../planting.js';
import { call, CONFIRMED, DECLINED, movement, REFUNDED } from '../sound-world.js';

/** Violations of what is taken, kept and given back. */
export const MONEY_VIOLATIONS: Readonly<Record<string, Violation>> = {
  'books-match-the-ledger': {
    plant: (world) => change(world, 'payment', { order_id: REFUNDED }, { refunded_amount: 0 }),
  },

  'calls-stay-within-the-budget': {
    // One order is looked at eleven times without a reason; the other has reasons enough, and no pause between them.
    plant: (world) => {
      const look = { operation: 'payment_intents.retrieve', idempotency_key: null, applied: false };
      for (let seq = 11; seq <= 18; seq += 1)
        add(world, 'provider_call', { ...call(seq, 'create', CONFIRMED), ...look });
      for (let seq = 19; seq <= 49; seq += 1)
        add(world, 'provider_call', { ...call(seq, 'create', DECLINED), ...look, status: 503 });
    },
    rows: 2,
  },

  'each-effect-applied-once': { plant: (world) => add(world, 'provider_call', call(11, 'capture', CONFIRMED)) },

  'money-calls-carry-a-key': {
    plant: (world) => change(world, 'provider_call', { seq: 3 }, { idempotency_key: null }),
  },

  'money-moves-in-the-orders-currency': { plant: (world) => change(world, 'ledger', { seq: 2 }, { currency: 'USD' }) },

  'net-is-what-the-order-says': {
    // An orphan: taken, known to the books, shown to the customer, and kept although the order is cancelled.
    plant: (world) => {
      remove(world, 'ledger', { kind: 'refund' });
      change(world, 'payment', { order_id: REFUNDED }, { refunded_amount: 0 });
      change(world, 'customer_order', { id: REFUNDED }, { refunded_amount: 0 });
    },
  },

  'no-capture-after-void': {
    plant: (world) => {
      change(world, 'ledger', { seq: 1 }, { seq: 10 });
      change(world, 'ledger', { seq: 2 }, { seq: 12 });
      add(world, 'ledger', { ...movement(11, 'void', CONFIRMED, 1200) });
    },
  },

  'no-double-charge': {
    // Refunded at once and known to everybody: the sums balance, and the customer was charged twice all the same.
    plant: (world) => {
      add(world, 'ledger', movement(6, 'capture', CONFIRMED, 1200), movement(7, 'refund', CONFIRMED, 1200));
      change(world, 'payment', { order_id: CONFIRMED }, { captured_amount: 2400, refunded_amount: 1200 });
      change(world, 'customer_order', { id: CONFIRMED }, { captured_amount: 2400, refunded_amount: 1200 });
    },
  },

  'no-money-without-an-order': { plant: (world) => add(world, 'ledger', movement(6, 'authorise', 'nobody', 100)) },

  'no-request-to-a-payment-unanswered': {
    plant: (world) => change(world, 'payment', { order_id: CONFIRMED }, { open_requests: 1 }),
  },

  'nothing-left-authorised': { plant: (world) => add(world, 'ledger', movement(6, 'authorise', DECLINED, 2500)) },

  'one-meaning-per-provider-key': {
    plant: (world) =>
      add(world, 'provider_call', { ...call(11, 'capture', CONFIRMED), applied: false, fingerprint: 'x' }),
  },

  'one-provider-key-per-operation': {
    // After an answer that said yes, and after one that said "not now": neither is a reason for a new key.
    plant: (world) => {
      add(world, 'provider_call', { ...call(11, 'capture', CONFIRMED), applied: false, idempotency_key: 'fresh' });
      add(world, 'provider_call', { ...call(12, 'refund', DECLINED), applied: false, status: 429 });
      add(world, 'provider_call', { ...call(13, 'refund', DECLINED), idempotency_key: 'fresh too' });
    },
    rows: 2,
  },

  'orders-show-what-was-taken': {
    plant: (world) => change(world, 'customer_order', { id: CONFIRMED }, { captured_amount: 0 }),
  },

  'refunds-never-exceed-captures': {
    // At the end the sums are right; before the capture they were not.
    plant: (world) => {
      change(world, 'ledger', { order_id: REFUNDED, kind: 'refund' }, { seq: 0 });
    },
    entails: 'no-capture-after-void',
  },
};
