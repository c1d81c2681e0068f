import type { Order } from '../order/order.js';

/** What one SKU costs and how many units of it are where; the three counts only move units between them. */
export interface StockItem {
  readonly sku: string;
  readonly unitAmount: number;
  readonly currency: string;
  readonly available: number;
  readonly reserved: number;
  readonly sold: number;
}

/** Units moved between the counts of one SKU. */
export interface StockMovement {
  readonly sku: string;
  readonly available: number;
  readonly reserved: number;
  readonly sold: number;
}

type Quantities = Pick<Order, 'items'>;

export function reserveStock({ items }: Quantities): readonly StockMovement[] {
  return items.map(({ sku, quantity }) => ({ sku, available: -quantity, reserved: quantity, sold: 0 }));
}

export function sellStock({ items }: Quantities): readonly StockMovement[] {
  return items.map(({ sku, quantity }) => ({ sku, available: 0, reserved: -quantity, sold: quantity }));
}

export function releaseStock({ items }: Quantities): readonly StockMovement[] {
  return items.map(({ sku, quantity }) => ({ sku, available: quantity, reserved: -quantity, sold: 0 }));
}

export function restock({ items }: Quantities): readonly StockMovement[] {
  return items.map(({ sku, quantity }) => ({ sku, available: quantity, reserved: 0, sold: -quantity }));
}
