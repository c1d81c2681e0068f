/** Payments, operations and observations with nothing in them but what a test is about. */
import type { Operation } from '@once/contracts';
import type { Observation, ObservedIntent } from '../src/payment/observation.js';
import {
  newPayment,
  type Charge,
  type Payment,
  type PaymentRequest,
  type RequestKind,
} from '../src/payment/payment.js';
import type { ArrivingRequest } from '../src/payment/request.js';

export const ORDER_ID = '01900000-0000-7000-8000-000000000001';
export const SAGA_ID = '01900000-0000-7000-8000-0000000000aa';
export const MESSAGE_ID = '01900000-0000-7000-8000-0000000000bb';

export const NOW = new Date('2026-01-02T03:04:05.678Z');
/** Minted a second ago. */
export const MESSAGE = { id: MESSAGE_ID, mintedAt: '2026-01-02T03:04:04.678Z' };

export const TERMS = { lease: { holder: 'payment-0', leaseMs: 30_000 }, retentionMs: 35 * 86_400_000 };

export const charge: Charge = { amount: 2400, currency: 'EUR', method: 'pm_card_visa' };

export const operationOf = (kind: RequestKind, fields: Partial<Operation> = {}): Operation => ({
  sagaId: SAGA_ID,
  step: kind === 'capture' ? 'capture-payment' : 'authorise-payment',
  direction: kind === 'return' ? 'compensation' : 'action',
  generation: 1,
  ...fields,
});

export const arriving = (kind: RequestKind, fields: Partial<ArrivingRequest> = {}): ArrivingRequest => ({
  kind,
  operation: operationOf(kind),
  orderId: ORDER_ID,
  charge: kind === 'authorise' ? charge : null,
  ...fields,
});

export const open = (kind: RequestKind): PaymentRequest => ({ kind, operation: operationOf(kind), isAnswered: false });
export const answered = (kind: RequestKind): PaymentRequest => ({ ...open(kind), isAnswered: true });

/** A stored payment that was asked to authorise and, unless the fields say otherwise, knows no intent yet. */
export const paymentWith = (fields: Partial<Payment> = {}): Payment => ({
  ...newPayment(ORDER_ID),
  charge,
  requests: [open('authorise')],
  version: 1,
  ...fields,
});

export const intentWith = (fields: Partial<ObservedIntent> = {}): ObservedIntent => ({
  id: 'pi_1',
  status: 'requires_confirmation',
  amount: charge.amount,
  currency: charge.currency,
  capturedAmount: fields.status === 'succeeded' ? charge.amount : 0,
  ...fields,
});

export const intentObserved = (fields: Partial<ObservedIntent> = {}): Observation => ({
  kind: 'intent',
  intent: intentWith(fields),
});
