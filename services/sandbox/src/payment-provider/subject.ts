import type { Subject } from '../faults/fault-plan.js';
import type { FormValue } from '../http/form.js';
import { intentIdOfCharge, type PaymentIntent } from './payment-intent.js';
import type { ProviderCall } from './provider-call.js';
import { orderIdOfQuery } from './search-query.js';

/** The intent a call is about: named in its path, or in its form. */
export function intentIdOf({ form, pathId }: ProviderCall): string | null {
  if (pathId !== null) return pathId;
  const named = textOf(form?.['payment_intent']);
  if (named !== null) return named;
  const charge = textOf(form?.['charge']);
  return charge === null ? null : intentIdOfCharge(charge);
}

/** Whom faults may single out, as far as the call and its intent tell. */
export function subjectOf({ form }: ProviderCall, intent: PaymentIntent | null): Subject {
  return {
    orderId:
      intent?.orderId ??
      textOf(fieldOf(form?.['metadata'], 'order_id')) ??
      orderIdOfQuery(textOf(form?.['query']) ?? ''),
    paymentMethod:
      textOf(form?.['payment_method']) ?? intent?.paymentMethod ?? intent?.lastPaymentError?.paymentMethod ?? null,
    email: textOf(form?.['receipt_email']) ?? intent?.receiptEmail ?? null,
  };
}

function fieldOf(value: FormValue | undefined, name: string): FormValue | undefined {
  if (value === undefined || typeof value === 'string' || Array.isArray(value)) return undefined;
  return Object.entries(value).find(([field]) => field === name)?.[1];
}

const textOf = (value: FormValue | undefined): string | null => (typeof value === 'string' ? value : null);
