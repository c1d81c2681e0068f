/** What every peer does with the outside world, and how it is reached: the same SDK, the same mail, the same three paths. */
import { createServer } from 'node:http';
import { randomUUID } from 'node:crypto';
import nodemailer from 'nodemailer';
import Stripe from 'stripe';

const { PORT, PAYMENT_PROVIDER_URL, SMTP_URL } = process.env;
const UNIT_AMOUNTS = { mug: 1200, tee: 2500, print: 4000, limited: 9900 };
export const CONNECTIONS_MAX = 20;

const provider = new URL(PAYMENT_PROVIDER_URL);
const stripe = new Stripe('sk_test_sandbox', {
  host: provider.hostname,
  port: provider.port,
  protocol: 'http',
  maxNetworkRetries: 0,
  telemetry: false,
});
const mails = nodemailer.createTransport({ url: SMTP_URL, pool: true, maxConnections: CONNECTIONS_MAX });

const keyed = (id, operation) => ({ idempotencyKey: `${id}:${operation}` });

/** Resolves with the intent's id. */
export const createIntent = async ({ id, amount, method }) => {
  const fields = { amount, currency: 'eur', payment_method: method, capture_method: 'manual' };
  const created = await stripe.paymentIntents.create({ ...fields, metadata: { order_id: id } }, keyed(id, 'create'));
  return created.id;
};

export const confirmIntent = async ({ id }, intent) => {
  await stripe.paymentIntents.confirm(intent, {}, keyed(id, 'confirm'));
};

export const captureIntent = async ({ id }, intent) => {
  await stripe.paymentIntents.capture(intent, {}, keyed(id, 'capture'));
};

export const sendMail = ({ id, email, amount }) =>
  mails.sendMail({
    from: 'Once <orders@once.example>',
    to: email,
    messageId: `<${id}.confirmed@once.example>`,
    headers: { 'X-Order-Id': id, 'X-Template': 'confirmed' },
    subject: `Your order ${id} is confirmed`,
    text: `Thank you. Your order ${id} is confirmed and ${amount / 100} EUR has been paid.\n`,
  });

/** Takes orders, and answers as soon as `begin` resolves. `end` lets go of what the peer holds. */
export const serve = (begin, end) => {
  const place = async (request, response) => {
    const { customer, items, payment } = await bodyOf(request);
    const key = request.headers['idempotency-key'];
    const amount = items.reduce((sum, { sku, quantity }) => sum + UNIT_AMOUNTS[sku] * quantity, 0);
    const order = { id: randomUUID(), key, email: customer.email, items, amount, method: payment.method };
    await begin(order);
    response.writeHead(202, { 'content-type': 'application/json', location: `/orders/${order.id}` });
    response.end(JSON.stringify({ id: order.id, status: 'pending', items, amount, currency: 'EUR' }));
  };

  const server = createServer((request, response) => {
    if (request.url === '/health') return void response.end('ok');
    // The calls have their answers already; the provider's webhooks are only taken.
    if (request.url === '/webhooks') return void request.resume().on('end', () => response.end());
    place(request, response).catch((error) => response.writeHead(500).end(String(error)));
  });
  server.keepAliveTimeout = 60_000;
  server.listen(Number(PORT), '127.0.0.1');

  process.on('SIGTERM', () => {
    server.closeAllConnections();
    server.close();
    void Promise.resolve(end()).then(() => process.exit(0));
  });
};

const bodyOf = async (request) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString());
};
