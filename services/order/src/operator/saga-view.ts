import type { SagaInstance } from '@once/saga';
import type { Order } from '../order/order.js';

/** A saga as the operator sees it. */
export interface SagaView {
  readonly id: string;
  readonly orderId: string;
  readonly kind: string;
  readonly step: string;
  readonly status: SagaInstance['state'];
  /** Why it is parked, in words; otherwise why it is undone. */
  readonly reason: string | null;
  /** When it was parked; otherwise when it last moved. */
  readonly since: string;
  /** Minor units that the customer may be charged, or have reserved on the card, without an order that stands. */
  readonly moneyAtStake: number;
  readonly currency: string;
}

/** A saga with its order, as they are stored. */
export interface StoredSaga {
  readonly saga: SagaInstance;
  readonly since: string;
  readonly order: Order;
  /** Answers to what it asked so far that count: the late ones and the repeats do not. */
  readonly answers: number;
}

export function sagaViewOf({ saga, since, order }: StoredSaga): SagaView {
  return {
    id: saga.id,
    orderId: saga.subjectId,
    kind: saga.definition,
    step: saga.step,
    status: saga.state,
    reason: saga.parkedReason === null ? saga.reason : describeParking(saga, saga.parkedReason),
    since,
    moneyAtStake: moneyAtStake(order),
    currency: order.currency,
  };
}

/** Participants answer with a code; what this service says itself is a sentence already. */
function describeParking({ step, direction }: SagaInstance, reason: string): string {
  if (!/^[a-z_]+$/.test(reason)) return reason;
  const asked = direction === 'compensation' ? `undoing ${step}` : step;
  return `the answer to ${asked} does not decide: ${reason.replaceAll('_', ' ')}`;
}

/** As long as nobody knows better, all of the order's money counts. */
function moneyAtStake({ status, cancelRequestedAt, payment, amount }: Order): number {
  if (status === 'confirmed' && cancelRequestedAt === null) return 0;
  switch (payment?.status) {
    case undefined:
    case 'declined':
    case 'voided':
    case 'refunded':
      return 0;
    case 'captured':
      return payment.capturedAmount - payment.refundedAmount;
    case 'unknown':
    case 'pending':
    case 'authorised':
      return amount;
  }
}
