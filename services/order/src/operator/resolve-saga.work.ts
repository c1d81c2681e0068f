import type { Decision } from '@once/idempotency';
import type { Resolution, SagaCatalogue } from '@once/saga';
import { decideSaga, type SagaState } from '../checkout-saga/saga-work.js';
import type { OrderChange } from '../persistence/order-change.js';
import { findContradiction } from './contradiction.js';
import { tellLastWord, tellLearned, type Learned } from './learned.js';

export interface ResolveSagaInput {
  readonly orderId: string;
  readonly sagaId: string;
  readonly resolution: Resolution;
  readonly note: string;
  /** What came of asking the payment service first. */
  readonly learned: Learned;
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
  { orderId, sagaId, resolution, note, learned: answer }: ResolveSagaInput,
  catalogue: SagaCatalogue,
): Decision<OrderChange, ResolveSagaAnswer> {
  const { order, saga } = state;
  if (order === null || saga === null) return { kind: 'answer', answer: { kind: 'unknown' } };
  const learned = tellLearned(answer);
  if (saga.state !== 'parked') {
    const standing = `the saga is ${saga.state}; only a parked one can be resolved`;
    return conflict(sentence(learned, learned === null ? standing : `and ${standing}`));
  }
  const contradiction = findContradiction(saga, order.payment, resolution);
  if (contradiction !== null)
    return conflict(sentence(learned ?? `the payment service ${tellLastWord(order.payment)}`, `so ${contradiction}`));

  const input = { kind: 'resolve', resolution, note, ...(learned === null ? {} : { learned }) } as const;
  const decision = decideSaga(state, { orderId, sagaId, input, payment: null, messageId: null }, catalogue);
  const isHeard = decision.kind === 'change' && decision.change.moved?.events.some(({ event }) => event === 'resolved');
  // A saga of a definition that this process does not know stays parked, whatever anybody says about it.
  return isHeard === true
    ? { ...decision, answer: { kind: 'resolved' } }
    : conflict(`This process cannot read the saga: ${saga.parkedReason}.`);
}

/** Clauses, as a sentence. */
function sentence(...clauses: readonly (string | null)[]): string {
  const text = clauses.filter((clause) => clause !== null).join(', ');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function conflict(why: string): Decision<OrderChange, ResolveSagaAnswer> {
  return { kind: 'answer', answer: { kind: 'conflict', why } };
}
