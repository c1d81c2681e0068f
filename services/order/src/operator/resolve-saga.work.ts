import type { Decision } from '@once/idempotency';
import type { Resolution, SagaCatalogue } from '@once/saga';
import { decideSaga, type SagaState } from '../checkout-saga/saga-work.js';
import type { OrderChange } from '../persistence/order-change.js';
import { findContradiction } from './contradiction.js';

export interface ResolveSagaInput {
  readonly orderId: string;
  readonly sagaId: string;
  readonly resolution: Resolution;
  readonly note: string;
}

export type ResolveSagaAnswer =
  | { readonly kind: 'resolved' }
  /** It cannot be resolved, and why. */
  | { readonly kind: 'conflict'; readonly why: string }
  | { readonly kind: 'unknown' };

/**
 * Decides a parked saga as its operator says, or has it asked again. The timeline keeps what was said and why, as the cause of
 * everything that follows from it.
 */
export function decideResolution(
  state: SagaState,
  { orderId, sagaId, resolution, note }: ResolveSagaInput,
  catalogue: SagaCatalogue,
): Decision<OrderChange, ResolveSagaAnswer> {
  const { order, saga } = state;
  if (order === null || saga === null) return { kind: 'answer', answer: { kind: 'unknown' } };
  if (saga.state !== 'parked') return conflict(`The saga is ${saga.state}; only a parked one can be resolved.`);
  const contradiction = findContradiction(saga, order.payment, resolution);
  if (contradiction !== null) return conflict(contradiction);

  const input = { kind: 'resolve', resolution, note } as const;
  const decision = decideSaga(state, { orderId, sagaId, input, payment: null, messageId: null }, catalogue);
  const isHeard = decision.kind === 'change' && decision.change.moved?.events.some(({ event }) => event === 'resolved');
  // A saga of a definition that this process does not know stays parked, whatever anybody says about it.
  return isHeard === true
    ? { ...decision, answer: { kind: 'resolved' } }
    : conflict(`This process cannot read the saga: ${saga.parkedReason}.`);
}

function conflict(why: string): Decision<OrderChange, ResolveSagaAnswer> {
  return { kind: 'answer', answer: { kind: 'conflict', why } };
}
