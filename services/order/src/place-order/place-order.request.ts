import { z } from 'zod';

/** The body of `POST /orders`. Unknown fields are refused: a misspelt one must not be ignored where money is spent. */
export const placeOrderRequest = z.strictObject({
  customer: z.strictObject({ email: z.email().max(254) }),
  items: z
    .array(
      z.strictObject({
        sku: z
          .string()
          .min(1)
          .max(64)
          .regex(/^[\x21-\x7e]+$/, 'visible ASCII without spaces'),
        quantity: z.int().min(1).max(1000),
      }),
    )
    .min(1)
    .max(50)
    .superRefine((items, context) => {
      const seen = new Set<string>();
      items.forEach(({ sku }, index) => {
        if (seen.has(sku)) context.addIssue({ code: 'custom', path: [index, 'sku'], message: 'each SKU once' });
        seen.add(sku);
      });
    }),
  payment: z.strictObject({
    method: z
      .string()
      .min(1)
      .max(255)
      .regex(/^[\x21-\x7e]+$/, 'visible ASCII without spaces')
      .refine(
        (method) => !isCardNumber(method),
        'a card number goes to the payment provider, which gives a method for it',
      ),
  }),
});
export type PlaceOrderRequest = z.infer<typeof placeOrderRequest>;

/** 12 to 19 digits whose last one fits the others (ISO/IEC 7812). Such a thing is stored nowhere, not even for a moment. */
function isCardNumber(text: string): boolean {
  const digits = text.replaceAll(/[-.]/g, '');
  if (!/^\d{12,19}$/.test(digits)) return false;
  const sum = Array.from(digits, Number)
    .toReversed()
    .map((digit, index) => (index % 2 === 0 ? digit : digit * 2))
    .reduce((total, value) => total + (value > 9 ? value - 9 : value), 0);
  return sum % 10 === 0;
}
