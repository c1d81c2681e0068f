import { isReturned, type Payment, type RefusalReason, type RequestKind } from './payment.js';

/** The participant's answer to one operation. Both are definite. */
export type Answer =
  { readonly outcome: 'ok' } | { readonly outcome: 'refused'; readonly reason: RefusalReason | 'returned' };

/** What the payment, as it is known now, answers to an operation; null while that is still open. */
export function answerTo(kind: RequestKind, payment: Payment): Answer | null {
  if (kind === 'return') return isReturned(payment) ? { outcome: 'ok' } : null;
  if (payment.goal === 'return') {
    // Refused only when it is sure that the action left nothing behind and never will.
    return isReturned(payment) ? { outcome: 'refused', reason: payment.reason ?? 'returned' } : null;
  }
  const isCaptured = payment.intentStatus === 'succeeded';
  const isAuthorised = isCaptured || payment.intentStatus === 'requires_capture';
  return (kind === 'authorise' ? isAuthorised : isCaptured) ? { outcome: 'ok' } : null;
}
