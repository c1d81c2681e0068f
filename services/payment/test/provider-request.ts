import type { ProviderCall } from '../src/payment/next-call.js';
import type { Payment } from '../src/payment/payment.js';
import { chargeOf, intentIdOf, providerKey } from '../src/provider/payment-provider.js';

/** A request as it was sent: nothing of it changes while it is under way. */
export interface ProviderRequest {
  readonly call: ProviderCall;
  readonly key: string;
  readonly generation: number;
  readonly intentId: string | null;
  readonly amount: number;
  readonly method: string;
}

export function requestOf(call: ProviderCall, payment: Payment): ProviderRequest {
  const { generation, charge } = payment;
  return {
    call,
    key: providerKey(call, payment),
    generation,
    intentId: call === 'create' ? null : intentIdOf(payment),
    amount: call === 'refund' ? payment.capturedAmount - payment.refundedAmount : (charge?.amount ?? 0),
    method: call === 'create' ? chargeOf(payment).method : (charge?.method ?? ''),
  };
}
