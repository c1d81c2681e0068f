import { z } from 'zod';
import { identifier } from '../identifiers.js';
import { defineMessage } from '../message-contract.js';
import { operation } from '../saga/operation.js';

/**
 * Leave the customer with nothing taken and nothing reserved, whatever has happened or is still under way: void, refund
 * and "never charge it" are this one command. It may arrive before the action that it undoes.
 */
export const returnPayment = defineMessage({
  type: 'return-payment',
  destination: 'payment',
  version: 1,
  payload: z.object({ operation, orderId: identifier }),
});
export type ReturnPayment = z.infer<typeof returnPayment.payload>;
