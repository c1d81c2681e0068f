import {
  authorisePayment,
  capturePayment,
  returnPayment,
  sendCancellation,
  sendConfirmation,
  type Destination,
} from '@once/contracts';
import type { SagaCommand } from '@once/saga';
import type { Order } from '../order/order.js';

/** A command of a saga with everything its participant needs; it gets its message id when it is committed. */
export interface CommandDraft {
  readonly kind: { readonly type: string; readonly destination: Destination; readonly version: number };
  readonly payload: object;
  readonly sagaId: string;
}

/** Every attempt of an operation has the same payload: what it says comes from the order as it was placed. */
export function draftCommand(order: Order, command: SagaCommand): CommandDraft {
  const { kind, payload } = describe(order, command);
  return { kind, payload, sagaId: command.operation.sagaId };
}

function describe(order: Order, { type, operation }: SagaCommand): Pick<CommandDraft, 'kind' | 'payload'> {
  const subject = { operation, orderId: order.id };
  const money = { amount: order.amount, currency: order.currency };
  switch (type) {
    case authorisePayment.type:
      return { kind: authorisePayment, payload: { ...subject, ...money, method: order.paymentMethod } };
    case capturePayment.type:
      return { kind: capturePayment, payload: subject };
    case returnPayment.type:
      return { kind: returnPayment, payload: subject };
    case sendConfirmation.type:
      return { kind: sendConfirmation, payload: { ...subject, ...money, to: order.email } };
    case sendCancellation.type:
      return {
        kind: sendCancellation,
        payload: { ...subject, ...money, to: order.email, reason: order.reason ?? 'requested' },
      };
    default:
      throw new Error(`A saga asks for the command ${type}, which nobody receives.`);
  }
}
