import type { AtomicOptions } from '@once/idempotency';
import {
  decideCancelOrder,
  type CancelOrderAnswer,
  type CancelOrderInput,
  type CancelOrderState,
} from '../cancel-order/cancel-order.work.js';
import { decideSaga, type SagaAnswer, type SagaHappening, type SagaState } from '../checkout-saga/saga-work.js';
import { decideResolution, type ResolveSagaAnswer, type ResolveSagaInput } from '../operator/resolve-saga.work.js';
import {
  decidePlaceOrder,
  type PlaceOrderAnswer,
  type PlaceOrderInput,
  type PlaceOrderState,
} from '../place-order/place-order.work.js';
import { SagaCatalogue, type SagaDefinition } from '@once/saga';
import type { OrderChange } from './order-change.js';
import type { OrderStore } from './order-store.js';
import { RecentSagas } from './recent-sagas.js';
import { TracedExecutor } from './traced-executor.js';

export interface OrderTerms extends AtomicOptions {
  readonly checkout: SagaDefinition;
  readonly refund: SagaDefinition;
  readonly retentionMs: number;
}

/** Every way in which an order changes: one executor each, all committing through the same statement. */
export class OrderExecutors {
  readonly placeOrder: TracedExecutor<PlaceOrderInput, PlaceOrderState, PlaceOrderAnswer>;
  readonly cancelOrder: TracedExecutor<CancelOrderInput, CancelOrderState, CancelOrderAnswer>;
  readonly saga: TracedExecutor<SagaHappening, SagaState, SagaAnswer>;
  readonly resolveSaga: TracedExecutor<ResolveSagaInput, SagaState, ResolveSagaAnswer>;

  constructor(store: OrderStore, terms: OrderTerms) {
    const catalogue = new SagaCatalogue([terms.checkout, terms.refund]);
    const recent = new RecentSagas();
    const commit = async (changes: readonly OrderChange[]) => {
      const applied = await store.commit(changes);
      for (const [index, change] of changes.entries()) if (applied.has(index)) recent.remember(change);
      return applied;
    };

    this.placeOrder = new TracedExecutor(
      {
        subjects: ({ request }) => [`${request.scope}\n${request.key}`],
        load: (inputs) => store.loadForPlacing(inputs),
        decide: (state, input) => decidePlaceOrder(state, input, terms),
        commit,
      },
      terms,
    );
    this.cancelOrder = new TracedExecutor(
      {
        subjects: ({ orderId }) => [orderId],
        load: (inputs) => store.loadForCancelling(inputs),
        decide: (state, input) => decideCancelOrder(state, input, { ...terms, catalogue }),
        commit,
      },
      terms,
    );
    this.saga = new TracedExecutor(
      {
        subjects: ({ orderId }) => [orderId],
        foresee: ({ sagaId }) => recent.recall(sagaId),
        load: (inputs) => store.loadSagas(inputs),
        decide: (state, input) => decideSaga(state, input, catalogue),
        commit,
      },
      terms,
    );
    this.resolveSaga = new TracedExecutor(
      {
        subjects: ({ orderId }) => [orderId],
        load: (inputs) => store.loadSagas(inputs),
        decide: (state, input) => decideResolution(state, input, catalogue),
        commit,
      },
      terms,
    );
  }
}
