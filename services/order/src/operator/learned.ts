import type { PaymentSnapshot } from '@once/contracts';

/** What the question brought to light. */
export type Learned =
  /** The step moves no money, or nothing is awaited: there is nothing to ask. */
  | { readonly kind: 'not-asked' }
  /** The payment service has looked at the provider, and said so. */
  | { readonly kind: 'answered'; readonly payment: PaymentSnapshot | null }
  | { readonly kind: 'silent'; readonly afterMs: number; readonly payment: PaymentSnapshot | null };

export const NOT_ASKED: Learned = { kind: 'not-asked' };

/** For the operator and for the timeline. */
export function tellLearned(learned: Learned): string | null {
  switch (learned.kind) {
    case 'not-asked':
      return null;
    case 'answered':
      return `asked just now, the payment service says that the payment is ${statusOf(learned.payment)}`;
    case 'silent':
      return `the payment service did not answer within ${learned.afterMs} ms, and ${tellLastWord(learned.payment)}`;
  }
}

/** What counts as long as nothing newer is known. */
export function tellLastWord(payment: PaymentSnapshot | null): string {
  return `said last that the payment is ${statusOf(payment)}`;
}

/** A payment of which the payment service has never spoken may be anything that it begins with. */
export function statusOf(payment: PaymentSnapshot | null): PaymentSnapshot['status'] {
  return payment?.status ?? 'pending';
}
