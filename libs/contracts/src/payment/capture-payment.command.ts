import { z } from 'zod';
import { identifier } from '../identifiers.js';
import { defineMessage } from '../message-contract.js';
import { operation } from '../saga/operation.js';

/** Take the amount that was authorised for the order. */
export const capturePayment = defineMessage({
  type: 'capture-payment',
  destination: 'payment',
  version: 1,
  payload: z.object({ operation, orderId: identifier }),
});
export type CapturePayment = z.infer<typeof capturePayment.payload>;
