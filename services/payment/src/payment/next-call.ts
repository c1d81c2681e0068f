import { isRequested, type Payment } from './payment.js';

/** A call to the provider. Only `create` names no object, and it moves no money. */
export type ProviderCall = 'create' | 'confirm' | 'capture' | 'cancel' | 'refund';

/** The one function that moves money: the call that brings the payment nearer to its goal, or null when it is there. */
export function nextCall(payment: Payment): ProviderCall | null {
  return payment.goal === 'collect' ? nextToCollect(payment) : nextToReturn(payment);
}

function nextToCollect(payment: Payment): ProviderCall | null {
  if (!isRequested(payment, 'authorise')) return null;
  switch (payment.intentStatus) {
    case null:
      return 'create';
    case 'requires_payment_method':
    case 'requires_confirmation':
      return 'confirm';
    case 'requires_capture':
      return isRequested(payment, 'capture') ? 'capture' : null;
    case 'requires_action':
    case 'processing':
    case 'succeeded':
    case 'canceled':
      return null;
  }
}

function nextToReturn(payment: Payment): ProviderCall | null {
  switch (payment.intentStatus) {
    case null:
    case 'canceled':
      return null;
    case 'succeeded':
      return payment.refundedAmount < payment.capturedAmount ? 'refund' : null;
    case 'requires_payment_method':
    case 'requires_confirmation':
    case 'requires_action':
    case 'processing':
    case 'requires_capture':
      return 'cancel';
  }
}
