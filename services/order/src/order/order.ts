import type { PaymentSnapshot } from '@once/contracts';

/** What a customer ordered and what became of it. */
export interface Order {
  readonly id: string;
  readonly account: string;
  readonly status: OrderStatus;
  readonly reason: CancelReason | null;
  readonly items: readonly OrderItem[];
  readonly amount: number;
  readonly currency: string;
  readonly email: string;
  readonly paymentMethod: string;
  /** Where the order's units are counted, so that each movement of them happens once. */
  readonly stock: StockState;
  /** What the payment service last told; null when it was never asked. */
  readonly payment: PaymentSnapshot | null;
  readonly createdAt: string;
  readonly cancelRequestedAt: string | null;
}

export const ORDER_STATUSES = ['pending', 'confirmed', 'cancelled', 'parked'] as const;
export type OrderStatus = (typeof ORDER_STATUSES)[number];

export const CANCEL_REASONS = [
  'card_declined',
  'out_of_stock',
  'payment_rejected',
  'requested',
  'timed_out',
  'authorisation_expired',
  'amount_mismatch',
  'operator',
] as const;
export type CancelReason = (typeof CANCEL_REASONS)[number];

/** `none` never held units; `reserved` holds them; `sold` and `returned` are final for the units of a saga. */
export type StockState = 'none' | 'reserved' | 'sold' | 'returned';

export interface OrderItem {
  readonly sku: string;
  readonly quantity: number;
  readonly unitAmount: number;
}

/** The order as `POST /orders` answers it: what the transaction that placed it left. */
export interface OrderReceipt {
  readonly id: string;
  readonly status: OrderStatus;
  readonly reason?: CancelReason;
  readonly items: readonly OrderItem[];
  readonly amount: number;
  readonly currency: string;
  readonly createdAt: string;
}

export function receiptOf(order: Order): OrderReceipt {
  return {
    id: order.id,
    status: order.status,
    ...(order.reason === null ? {} : { reason: order.reason }),
    items: order.items.map(({ sku, quantity, unitAmount }) => ({ sku, quantity, unitAmount })),
    amount: order.amount,
    currency: order.currency,
    createdAt: order.createdAt,
  };
}

/** The order as reading it answers: live, with its payment. */
export interface OrderView extends OrderReceipt {
  readonly payment: PaymentSnapshot | null;
  readonly cancelRequestedAt?: string;
}

export function viewOf(order: Order): OrderView {
  return {
    ...receiptOf(order),
    payment: order.payment,
    ...(order.cancelRequestedAt === null ? {} : { cancelRequestedAt: order.cancelRequestedAt }),
  };
}

/** How far a payment has come. Replies may overtake each other; what is known of the money never goes back. */
const PAYMENT_PROGRESS: { readonly [Status in PaymentSnapshot['status']]: number } = {
  pending: 0,
  unknown: 1,
  authorised: 2,
  captured: 3,
  voided: 4,
  refunded: 4,
  declined: 4,
};

export function withPayment(order: Order, told: PaymentSnapshot | null): Order {
  if (told === null) return order;
  const known = order.payment;
  const isNews = known === null || PAYMENT_PROGRESS[told.status] > PAYMENT_PROGRESS[known.status];
  return isNews ? { ...order, payment: told } : order;
}
