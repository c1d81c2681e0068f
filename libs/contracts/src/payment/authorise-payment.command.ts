import { z } from 'zod';
import { identifier } from '../identifiers.js';
import { defineMessage } from '../message-contract.js';
import { money } from '../money.js';
import { operation } from '../saga/operation.js';

/** Reserve the order's amount on the customer's card. */
export const authorisePayment = defineMessage({
  type: 'authorise-payment',
  destination: 'payment',
  version: 1,
  payload: money.extend({ operation, orderId: identifier, method: z.string().min(1).max(255) }),
});
export type AuthorisePayment = z.infer<typeof authorisePayment.payload>;
