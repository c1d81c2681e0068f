import { randomUUID } from 'node:crypto';
import type { PaymentSnapshot } from '@once/contracts';
import type { Decision, RequestAnswer, StoredResponse } from '@once/idempotency';
import {
  awaitedOperation,
  SagaCatalogue,
  type Operation,
  type ReplyOutcome,
  type SagaInput,
  type SagaInstance,
} from '@once/saga';
import { decideCancelOrder, type CancelOrderAnswer } from '../src/cancel-order/cancel-order.work.js';
import { checkoutSaga, refundSaga } from '../src/checkout-saga/checkout.saga.js';
import type { CommandDraft } from '../src/checkout-saga/saga-commands.js';
import { decideSaga, type SagaAnswer } from '../src/checkout-saga/saga-work.js';
import type { Order } from '../src/order/order.js';
import type { OrderChange } from '../src/persistence/order-change.js';
import { decidePlaceOrder, type PlaceOrderInput } from '../src/place-order/place-order.work.js';
import type { StockItem } from '../src/stock/stock.js';

export const NOW = '2026-01-02T03:04:05.678Z';
export const RETENTION_MS = 86_400_000;

export const checkout = checkoutSaga({});
export const refund = refundSaga({});
export const catalogue = new SagaCatalogue([checkout, refund]);

export const stockItem = (sku: string, available: number, unitAmount = 1200): StockItem => ({
  sku,
  unitAmount,
  currency: 'EUR',
  available,
  reserved: 0,
  sold: 0,
});

export const placing = (
  items: readonly { readonly sku: string; readonly quantity: number }[] = [{ sku: 'mug', quantity: 2 }],
  fields: { readonly account?: string; readonly key?: string; readonly fingerprint?: string } = {},
): PlaceOrderInput => {
  const { account = 'demo', key = randomUUID(), fingerprint = 'v1:a' } = fields;
  return {
    account,
    request: { scope: `${account} POST /orders`, key, fingerprint },
    body: { customer: { email: 'ada@example.com' }, items: [...items], payment: { method: 'pm_card_visa' } },
    isOutboxFull: false,
  };
};

/** One order, decided by the service's own functions and applied in memory. */
export class OrderStory {
  stock: readonly StockItem[];
  order: Order | undefined;
  readonly sagas: SagaInstance[] = [];
  readonly commands: CommandDraft[] = [];

  constructor(...stock: readonly StockItem[]) {
    this.stock = stock;
  }

  static placed(input: PlaceOrderInput = placing()): OrderStory {
    const story = new OrderStory(stockItem('mug', 10), stockItem('tee', 10, 2500));
    story.place(input);
    return story;
  }

  get placedOrder(): Order {
    if (this.order === undefined) throw new Error('no order is placed');
    return this.order;
  }

  /** The newest. */
  get saga(): SagaInstance {
    const saga = this.sagas.at(-1);
    if (saga === undefined) throw new Error('no saga is started');
    return saga;
  }

  get lastCommand(): string | undefined {
    return this.commands.at(-1)?.kind.type;
  }

  place(input: PlaceOrderInput): void {
    const state = { record: null, existingOrderId: null, stock: this.stock, now: NOW };
    this.apply(decidePlaceOrder(state, input, { checkout, retentionMs: RETENTION_MS }));
  }

  /** The answer to what the newest saga awaits. */
  reply(outcome: ReplyOutcome, { reason, payment }: { reason?: string; payment?: PaymentSnapshot } = {}): SagaAnswer {
    const operation = awaitedOperation(this.saga);
    if (operation === null) throw new Error('nothing is awaited');
    return this.replyTo(operation, outcome, { ...(reason && { reason }), ...(payment && { payment }) });
  }

  /** An answer to any operation, awaited or not. */
  replyTo(
    operation: Operation,
    outcome: ReplyOutcome,
    { reason, payment }: { reason?: string; payment?: PaymentSnapshot } = {},
  ): SagaAnswer {
    const input: SagaInput = { kind: 'reply', operation, outcome, ...(reason === undefined ? {} : { reason }) };
    return this.happen(input, operation.sagaId, payment ?? null);
  }

  happen(input: SagaInput, sagaId = this.saga.id, payment: PaymentSnapshot | null = null): SagaAnswer {
    const saga = this.sagas.find(({ id }) => id === sagaId) ?? null;
    const happening = { orderId: this.placedOrder.id, sagaId, input, payment, messageId: null };
    return this.apply(decideSaga({ order: this.placedOrder, saga }, happening, catalogue));
  }

  cancel(): CancelOrderAnswer {
    return this.apply(this.decideCancel());
  }

  decideCancel(): Decision<OrderChange, CancelOrderAnswer> {
    const state = { order: this.placedOrder, saga: this.saga, record: null, now: NOW };
    const input = { account: 'demo', orderId: this.placedOrder.id, request: null };
    return decideCancelOrder(state, input, { catalogue, refund, retentionMs: RETENTION_MS });
  }

  /** Units of all counts of an SKU together. */
  unitsOf(sku: string): number {
    return this.stock
      .filter((item) => item.sku === sku)
      .reduce((sum, { available, reserved, sold }) => sum + available + reserved + sold, 0);
  }

  stockOf(sku: string): Pick<StockItem, 'available' | 'reserved' | 'sold'> | undefined {
    const found = this.stock.find((item) => item.sku === sku);
    return found && { available: found.available, reserved: found.reserved, sold: found.sold };
  }

  private apply<Answer>(decision: Decision<OrderChange, Answer>): Answer {
    if (decision.kind === 'change') this.commit(decision.change);
    return decision.answer;
  }

  private commit({ placed, changed, moved, started, movements, commands }: OrderChange): void {
    this.order = placed?.order ?? changed ?? this.order;
    if (moved !== null)
      this.sagas.splice(
        this.sagas.findIndex(({ id }) => id === moved.next.id),
        1,
        moved.next,
      );
    if (started !== null) this.sagas.push(started.next);
    this.stock = movements.reduce(
      (stock, { sku, available, reserved, sold }) =>
        stock.map((item) =>
          item.sku === sku
            ? {
                ...item,
                available: item.available + available,
                reserved: item.reserved + reserved,
                sold: item.sold + sold,
              }
            : item,
        ),
      this.stock,
    );
    this.commands.push(...commands);
  }
}

export const snapshot = (
  status: PaymentSnapshot['status'],
  capturedAmount = 0,
  refundedAmount = 0,
): PaymentSnapshot => ({ status, capturedAmount, refundedAmount });

/** A decision's response, which must be one. */
export const responseOf = (answer: RequestAnswer | { readonly kind: string }): StoredResponse => {
  if (!('response' in answer)) throw new Error(`no response but ${answer.kind}`);
  return answer.response;
};

/** A story in each of the situations in which a cancellation may come. */
export const SITUATIONS = {
  authorising: () => OrderStory.placed(),
  capturing: () => tell(OrderStory.placed(), 'ok'),
  parked: () => {
    const story = OrderStory.placed();
    const operation = awaitedOperation(story.saga);
    if (operation !== null) story.happen({ kind: 'reply', operation, outcome: 'unknown', reason: 'the bank is odd' });
    return story;
  },
  undoing: () => {
    const story = OrderStory.placed();
    story.happen({ kind: 'deadline' });
    return story;
  },
  'sending the confirmation': () => tell(OrderStory.placed(), 'ok', 'ok'),
  completed: () => tell(OrderStory.placed(), 'ok', 'ok', 'ok'),
  'out of stock': () => OrderStory.placed(placing([{ sku: 'mug', quantity: 11 }])),
  declined: () => {
    const story = OrderStory.placed();
    story.reply('refused', { reason: 'card_declined' });
    return story;
  },
  refunding: () => {
    const story = tell(OrderStory.placed(), 'ok', 'ok', 'ok');
    story.cancel();
    return story;
  },
  refunded: () => {
    const story = tell(OrderStory.placed(), 'ok', 'ok', 'ok');
    story.cancel();
    return tell(story, 'ok');
  },
} as const satisfies Record<string, () => OrderStory>;

function tell(story: OrderStory, ...outcomes: readonly ('ok' | 'refused')[]): OrderStory {
  for (const outcome of outcomes) story.reply(outcome);
  return story;
}
