/**
 * The calls of an order and nothing else: no row is written, nothing is remembered, a crash loses everything. What it costs no
 * system can save that makes these calls, and how many it makes in a second is the limit of this machine.
 */
import { captureIntent, confirmIntent, createIntent, sendMail, serve } from './calls.mjs';

const checkout = async (order) => {
  const intent = await createIntent(order);
  await confirmIntent(order, intent);
  await captureIntent(order, intent);
  await sendMail(order);
};

serve(
  async (order) => {
    checkout(order).catch((error) => console.error(error)); // and the order counts as lost
  },
  () => undefined,
);
