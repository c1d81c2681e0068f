import { z } from 'zod';
import { identifier } from '../identifiers.js';
import { defineMessage } from '../message-contract.js';
import { money } from '../money.js';
import { operation } from '../saga/operation.js';

/** Tell the customer that the order is cancelled and why. A confirmation that was not yet sent is voided. */
export const sendCancellation = defineMessage({
  type: 'send-cancellation',
  destination: 'notification',
  version: 1,
  payload: money.extend({ operation, orderId: identifier, to: z.email(), reason: z.string().max(64) }),
});
export type SendCancellation = z.infer<typeof sendCancellation.payload>;
