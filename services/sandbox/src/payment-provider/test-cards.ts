export interface Refusal {
  readonly code: string;
  readonly declineCode: string;
  readonly message: string;
}

const ACCEPTED = new Set(['pm_card_visa', 'pm_card_mastercard', 'pm_card_amex']);

const DECLINED: Readonly<Record<string, Refusal>> = {
  pm_card_chargeDeclined: {
    code: 'card_declined',
    declineCode: 'generic_decline',
    message: 'Your card was declined.',
  },
  pm_card_chargeDeclinedInsufficientFunds: {
    code: 'card_declined',
    declineCode: 'insufficient_funds',
    message: 'Your card has insufficient funds.',
  },
  pm_card_chargeDeclinedProcessingError: {
    code: 'processing_error',
    declineCode: 'processing_error',
    message: 'An error occurred while processing your card. Try again in a little bit.',
  },
};

/** What a card does when it is charged. */
export type CardBehaviour = { readonly kind: 'accepts' } | { readonly kind: 'declines'; readonly refusal: Refusal };

/** One of Stripe's test methods, or undefined when the provider knows no such method. */
export function findTestCard(paymentMethod: string): CardBehaviour | undefined {
  if (ACCEPTED.has(paymentMethod)) return { kind: 'accepts' };
  const refusal = Object.hasOwn(DECLINED, paymentMethod) ? DECLINED[paymentMethod] : undefined;
  return refusal && { kind: 'declines', refusal };
}
