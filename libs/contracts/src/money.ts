import { z } from 'zod';

/** Integer minor units (cents) of one currency; a float never holds money. */
export const money = z.object({
  amount: z.int().nonnegative(),
  currency: z.string().regex(/^[A-Z]{3}$/, 'an upper-case ISO 4217 code'),
});
export type Money = z.infer<typeof money>;
