import type { Observation } from '../src/payment/observation.js';
import type { PaymentInput } from '../src/payment/payment-work.js';
import type { RequestKind } from '../src/payment/payment.js';
import { arriving, intentWith, MESSAGE_ID, operationOf } from './payments.js';

/** Each order has a saga of its own, so that the operations of two orders are two. */
export const request = (order: string, kind: RequestKind, generation = 1): PaymentInput => ({
  kind: 'request',
  message: { id: MESSAGE_ID, mintedAt: new Date().toISOString() },
  request: arriving(kind, { orderId: order, operation: operationOf(kind, { sagaId: order, generation }) }),
});
export const observation = (order: string, observed: Observation): PaymentInput => ({
  kind: 'observation',
  orderId: order,
  observation: observed,
});
export const intent = (order: string, status: Parameters<typeof intentWith>[0]): PaymentInput =>
  observation(order, { kind: 'intent', intent: intentWith({ id: `pi_${order}`, ...status }) });
export const event = (order: string, id: string): PaymentInput => ({
  kind: 'event',
  id,
  createdAt: new Date().toISOString(),
  orderId: order,
  observation: { kind: 'intent', intent: intentWith({ id: `pi_${order}`, status: 'requires_capture' }) },
});
