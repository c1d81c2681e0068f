import type { Subject } from '../faults/fault-plan.js';
import type { EventRow } from '../ledger/journal-entry.js';

/** Whom faults may single out: an event tells of the intent, or the charge, that it is about. */
export function subjectOfEvent({ order_id, document }: Pick<EventRow, 'order_id' | 'document'>): Subject {
  const told = ['data', 'object'] as const;
  return {
    orderId: order_id,
    paymentMethod:
      textAt(document, ...told, 'payment_method') ??
      // A declined card is no longer the intent's own.
      textAt(document, ...told, 'last_payment_error', 'payment_method', 'id'),
    email: textAt(document, ...told, 'receipt_email'),
  };
}

function textAt(document: unknown, ...path: readonly string[]): string | null {
  let value = document;
  for (const name of path) {
    if (typeof value !== 'object' || value === null) return null;
    value = Reflect.get(value, name);
  }
  return typeof value === 'string' ? value : null;
}
