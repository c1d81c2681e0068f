/** What a newcomer reads when everything runs: where things are, and an order to place by pasting. */
import { randomBytes } from 'node:crypto';
import { relative } from 'node:path';

export const greeting = ({ ports, logs, amqpUrl }) => {
  const order = `http://127.0.0.1:${ports.order}`;
  const sandbox = `http://127.0.0.1:${ports.sandbox}`;
  const body = JSON.stringify({
    customer: { email: 'ada@example.com' },
    items: [{ sku: 'mug', quantity: 1 }],
    payment: { method: 'pm_card_visa' },
  });
  return `
Once is running.

  orders    ${order}            (API: ${order}/docs)
  outside   ${sandbox}/sandbox/ledger   what the payment provider has booked
            ${sandbox}/sandbox/mailbox  what customers got by mail
${amqpUrl ? '' : `  broker    http://127.0.0.1:${ports.management}            (once / once)\n`}  logs      ${relative(process.cwd(), logs) || '.'}

Place an order; pasting it again changes nothing, because the key is the same:

  curl -i ${order}/orders -H 'Authorization: Bearer sk_demo' -H 'Content-Type: application/json' -H 'Idempotency-Key: first-${randomBytes(4).toString('hex')}' -d '${body}'

Read it at the Location it answers, ${order}/orders/<id>, or with all others:

  curl ${order}/orders -H 'Authorization: Bearer sk_demo'
`;
};
