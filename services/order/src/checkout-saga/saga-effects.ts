import type { SagaEffect, SagaInstance } from '@once/saga';
import { CANCEL_REASONS, type CancelReason, type Order } from '../order/order.js';
import { releaseStock, reserveStock, restock, sellStock, type StockMovement } from '../stock/stock.js';

export interface OrderStep {
  readonly order: Order;
  readonly movements: readonly StockMovement[];
}

/** What a transition of its saga makes of the order and its stock, committed together with the transition. */
export function applyEffects(order: Order, effects: readonly SagaEffect[], saga: SagaInstance): OrderStep {
  const start: OrderStep = { order: showParking(order, saga), movements: [] };
  return effects.reduce<OrderStep>((step, effect) => {
    const next = applyEffect(step.order, effect, saga);
    return { order: next.order, movements: [...step.movements, ...next.movements] };
  }, start);
}

/**
 * An order is parked with its saga, and from then on until it ends: who has heard that it needs looking at hears next what
 * became of it. One that was confirmed stays so, whatever keeps its mail.
 */
function showParking(order: Order, saga: SagaInstance): Order {
  return order.status === 'pending' && saga.state === 'parked' ? { ...order, status: 'parked' } : order;
}

function applyEffect(order: Order, effect: SagaEffect, saga: SagaInstance): OrderStep {
  switch (effect.kind) {
    case 'local':
      return applyLocalWork(order, effect.name, saga);
    case 'pivoted':
      return { order: { ...order, status: 'confirmed', stock: 'sold' }, movements: sellStock(order) };
    case 'undone':
      return { order: cancel(order, saga), movements: [] };
    case 'completed':
    case 'handed-over':
      return { order, movements: [] };
  }
}

function applyLocalWork(order: Order, name: string, saga: SagaInstance): OrderStep {
  switch (name) {
    case 'reserve-stock':
      return { order: { ...order, stock: 'reserved' }, movements: reserveStock(order) };
    case 'release-stock':
      return { order: { ...order, stock: 'returned' }, movements: releaseStock(order) };
    case 'restock':
      // The money has gone back and the units with it, so the order is cancelled; the mail that says so may take its time.
      return { order: cancel({ ...order, stock: 'returned' }, saga), movements: restock(order) };
    default:
      throw new Error(`A saga asks for the local work ${name}, which the order service does not know.`);
  }
}

function cancel(order: Order, saga: SagaInstance): Order {
  return { ...order, status: 'cancelled', reason: reasonOf(saga) };
}

function reasonOf(saga: SagaInstance): CancelReason {
  return CANCEL_REASONS.find((reason) => reason === saga.reason) ?? 'payment_rejected';
}
