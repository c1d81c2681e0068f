import { z } from 'zod';
import { identifier } from '../identifiers.js';
import { defineMessage } from '../message-contract.js';
import { money } from '../money.js';
import { operation } from '../saga/operation.js';

/** Tell the customer that the order stands and is paid. */
export const sendConfirmation = defineMessage({
  type: 'send-confirmation',
  destination: 'notification',
  version: 1,
  payload: money.extend({ operation, orderId: identifier, to: z.email() }),
});
export type SendConfirmation = z.infer<typeof sendConfirmation.payload>;
