import {
  decideRequest,
  type Decision,
  type IdempotencyRecord,
  type IdentifiedRequest,
  type RequestAnswer,
  type StoredResponse,
} from '@once/idempotency';
import { startSaga, type SagaDefinition } from '@once/saga';
import { v7 as uuidv7 } from 'uuid';
import { draftCommand } from '../checkout-saga/saga-commands.js';
import { applyEffects } from '../checkout-saga/saga-effects.js';
import { receiptOf, type Order } from '../order/order.js';
import type { OrderChange } from '../persistence/order-change.js';
import type { StockItem } from '../stock/stock.js';
import type { PlaceOrderRequest } from './place-order.request.js';

export interface PlaceOrderInput {
  readonly account: string;
  readonly request: IdentifiedRequest;
  readonly body: PlaceOrderRequest;
  /** As many messages wait to leave as may: nothing new is begun until some have left. */
  readonly isOutboxFull: boolean;
}

export interface PlaceOrderState {
  readonly record: IdempotencyRecord | null;
  /** The order that this account placed with this key; it outlives the record. */
  readonly existingOrderId: string | null;
  readonly stock: readonly StockItem[];
  /** The database's clock. */
  readonly now: string;
}

export type PlaceOrderAnswer =
  | RequestAnswer
  | { readonly kind: 'unknown-sku'; readonly indexes: readonly number[] }
  /** An order is paid in one currency; the items whose price is in another than that of the first. */
  | { readonly kind: 'mixed-currencies'; readonly indexes: readonly number[] }
  /** Not begun and not recorded: the same key may place the order later. */
  | { readonly kind: 'overloaded' };

export interface PlaceOrderTerms {
  readonly checkout: SagaDefinition;
  readonly retentionMs: number;
}

/**
 * Places an order, reserves its stock and starts its checkout: one decision. An order for more than the stock is placed
 * too, as cancelled: the same key then gets the same answer after the stock has come back.
 */
export function decidePlaceOrder(
  state: PlaceOrderState,
  input: PlaceOrderInput,
  terms: PlaceOrderTerms,
): Decision<OrderChange, PlaceOrderAnswer> {
  if (state.record === null && state.existingOrderId !== null) {
    return { kind: 'answer', answer: { kind: 'purged', location: locationOf(state.existingOrderId) } };
  }
  const unknown = unknownSkus(input, state.stock);
  if (state.record === null && unknown.length > 0) {
    return { kind: 'answer', answer: { kind: 'unknown-sku', indexes: unknown } };
  }
  const foreign = foreignPrices(input, state.stock);
  if (state.record === null && foreign.length > 0) {
    return { kind: 'answer', answer: { kind: 'mixed-currencies', indexes: foreign } };
  }
  if (state.record === null && input.isOutboxFull) return { kind: 'answer', answer: { kind: 'overloaded' } };
  return decideRequest(state.record, input.request, terms.retentionMs, {
    perform: () => {
      const draft = draftOrder(input, state);
      const isInStock = input.body.items.every(
        ({ sku, quantity }) => (findStock(state.stock, sku)?.available ?? 0) >= quantity,
      );
      const started = startSaga(terms.checkout, {
        id: uuidv7(),
        subjectId: draft.id,
        ...(isInStock ? {} : { localRefusal: { step: 'reserve-stock', reason: 'out_of_stock' } }),
      });
      const { order, movements } = applyEffects(draft, started.effects, started.next);
      const withPayment: Order = isInStock
        ? { ...order, payment: { status: 'pending', capturedAmount: 0, refundedAmount: 0 } }
        : order;
      return {
        subject: order.id,
        response: responseOf(withPayment),
        change: (record) => ({
          placed: { order: withPayment, idempotencyKey: input.request.key },
          changed: null,
          moved: null,
          started,
          movements,
          records: [record],
          commands: started.command === null ? [] : [draftCommand(withPayment, started.command)],
          causationId: null,
        }),
      };
    },
  });
}

function unknownSkus(input: PlaceOrderInput, stock: readonly StockItem[]): readonly number[] {
  return input.body.items.flatMap(({ sku }, index) => (findStock(stock, sku) === undefined ? [index] : []));
}

function foreignPrices({ body }: PlaceOrderInput, stock: readonly StockItem[]): readonly number[] {
  const [currency, ...others] = body.items.map(({ sku }) => findStock(stock, sku)?.currency);
  return others.flatMap((other, index) => (other === currency ? [] : [index + 1]));
}

function findStock(stock: readonly StockItem[], sku: string): StockItem | undefined {
  return stock.find((item) => item.sku === sku);
}

function draftOrder({ account, body }: PlaceOrderInput, { stock, now }: PlaceOrderState): Order {
  const items = body.items.map(({ sku, quantity }) => ({
    sku,
    quantity,
    unitAmount: findStock(stock, sku)?.unitAmount ?? 0,
  }));
  return {
    id: uuidv7(),
    account,
    status: 'pending',
    reason: null,
    items,
    amount: items.reduce((sum, { quantity, unitAmount }) => sum + quantity * unitAmount, 0),
    currency: stock[0]?.currency ?? 'EUR',
    email: body.customer.email,
    paymentMethod: body.payment.method,
    stock: 'none',
    payment: null,
    createdAt: now,
    cancelRequestedAt: null,
  };
}

function responseOf(order: Order): StoredResponse {
  return {
    status: 202,
    headers: { location: locationOf(order.id), 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify(receiptOf(order)),
  };
}

export function locationOf(orderId: string): string {
  return `/orders/${orderId}`;
}
