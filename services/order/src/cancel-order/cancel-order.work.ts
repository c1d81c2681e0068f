import {
  decideRequest,
  type Decision,
  type IdempotencyRecord,
  type IdentifiedRequest,
  type NewRecord,
  type RequestAnswer,
  type StoredResponse,
} from '@once/idempotency';
import { startSaga, type SagaCatalogue, type SagaDefinition, type SagaInstance } from '@once/saga';
import { v7 as uuidv7 } from 'uuid';
import { draftCommand } from '../checkout-saga/saga-commands.js';
import { applyEffects } from '../checkout-saga/saga-effects.js';
import { viewOf, type Order } from '../order/order.js';
import type { OrderChange } from '../persistence/order-change.js';

export interface CancelOrderInput {
  readonly account: string;
  readonly orderId: string;
  /** Null where the client sent no key; cancelling twice is harmless even so. */
  readonly request: IdentifiedRequest | null;
}

export interface CancelOrderState {
  readonly order: Order | null;
  /** The order's newest saga. */
  readonly saga: SagaInstance | null;
  readonly record: IdempotencyRecord | null;
  /** The database's clock. */
  readonly now: string;
}

export type CancelOrderAnswer = RequestAnswer | { readonly kind: 'not-found' };

export interface CancelOrderTerms {
  readonly catalogue: SagaCatalogue;
  readonly refund: SagaDefinition;
  readonly retentionMs: number;
}

/** Asks for the cancellation of an order; whether the saga can still be undone or must be refunded, its state decides. */
export function decideCancelOrder(
  state: CancelOrderState,
  input: CancelOrderInput,
  terms: CancelOrderTerms,
): Decision<OrderChange, CancelOrderAnswer> {
  const { order, saga } = state;
  if (order === null || saga === null || order.account !== input.account) {
    return { kind: 'answer', answer: { kind: 'not-found' } };
  }
  const perform = () => {
    const { change, order: next } = cancel(order, saga, state.now, terms);
    return {
      subject: order.id,
      response: responseOf(next),
      change: (record: NewRecord): OrderChange => ({ ...(change ?? NOTHING), records: [record] }),
    };
  };
  if (input.request !== null) return decideRequest(state.record, input.request, terms.retentionMs, { perform });

  const { change, order: next } = cancel(order, saga, state.now, terms);
  const answer: RequestAnswer = { kind: 'response', response: responseOf(next), isReplay: false };
  return change === null ? { kind: 'answer', answer } : { kind: 'change', change, answer };
}

const NOTHING: OrderChange = {
  placed: null,
  changed: null,
  moved: null,
  started: null,
  movements: [],
  records: [],
  commands: [],
  causationId: null,
};

function cancel(
  order: Order,
  saga: SagaInstance,
  now: string,
  terms: CancelOrderTerms,
): { readonly order: Order; readonly change: OrderChange | null } {
  if (order.status === 'cancelled' || order.cancelRequestedAt !== null) return { order, change: null };
  const moved = terms.catalogue.transition(saga, { kind: 'cancel', reason: 'requested' });
  if (moved.kind === 'ignored') return { order, change: null };

  const isHandedOver = moved.effects.some((effect) => effect.kind === 'handed-over');
  const started = isHandedOver
    ? startSaga(terms.refund, { id: uuidv7(), subjectId: order.id, reason: 'requested' })
    : null;
  const undone = applyEffects({ ...order, cancelRequestedAt: now }, moved.effects, moved.next);
  const commands = [moved.command, started?.command ?? null].filter((command) => command !== null);
  const change: OrderChange = {
    ...NOTHING,
    changed: undone.order,
    moved,
    started,
    movements: undone.movements,
    commands: commands.map((command) => draftCommand(undone.order, command)),
  };
  return { order: undone.order, change };
}

function responseOf(order: Order): StoredResponse {
  return {
    status: order.status === 'cancelled' ? 200 : 202,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify(viewOf(order)),
  };
}
