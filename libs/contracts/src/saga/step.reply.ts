import { z } from 'zod';
import { identifier } from '../identifiers.js';
import { defineMessage } from '../message-contract.js';
import { operation } from './operation.js';

/** What a participant knows of the money when it answers, as the provider's ledger has it. */
export const paymentSnapshot = z.object({
  status: z.enum(['pending', 'authorised', 'captured', 'voided', 'refunded', 'declined', 'unknown']),
  capturedAmount: z.int().nonnegative(),
  refundedAmount: z.int().nonnegative(),
});
export type PaymentSnapshot = z.infer<typeof paymentSnapshot>;

/**
 * A participant's answer to one operation. `ok` and `refused` are definite: the effect happened, or it did not and will not.
 * `unknown` says that the outside has answered and that its answer does not decide; a definite answer may follow it.
 */
export const stepReply = defineMessage({
  type: 'step-reply',
  destination: 'order',
  version: 1,
  payload: z.object({
    operation,
    orderId: identifier,
    outcome: z.enum(['ok', 'refused', 'unknown']),
    reason: z.string().max(64).optional(),
    payment: paymentSnapshot.optional(),
  }),
});
export type StepReply = z.infer<typeof stepReply.payload>;
