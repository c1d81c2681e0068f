/**
 * The same order on DBOS Transact: place it over HTTP under an idempotency key, reserve the stock, create, confirm and
 * capture the payment through the same SDK, confirm the order, send the same mail. The workflow's id is the key, every
 * foreign call is a step. One process, a pool of 20, log level error: the best of what was tried.
 */
import { createServer } from 'node:http';
import { randomUUID } from 'node:crypto';
import { DBOS } from '@dbos-inc/dbos-sdk';
import nodemailer from 'nodemailer';
import pg from 'pg';
import Stripe from 'stripe';

const { PORT, DATABASE_URL, DBOS_DATABASE_URL, PAYMENT_PROVIDER_URL, SMTP_URL } = process.env;
const POOL_SIZE = 20;
const UNIT_AMOUNTS = { mug: 1200, tee: 2500, print: 4000, limited: 9900 };

const pool = new pg.Pool({ connectionString: DATABASE_URL, max: POOL_SIZE });
const provider = new URL(PAYMENT_PROVIDER_URL);
const stripe = new Stripe('sk_test_sandbox', {
  host: provider.hostname,
  port: provider.port,
  protocol: 'http',
  maxNetworkRetries: 0,
  telemetry: false,
});
const mails = nodemailer.createTransport({ url: SMTP_URL, pool: true, maxConnections: POOL_SIZE });

await pool.query(`
  create table if not exists customer_order (id uuid primary key, key text unique not null, status text not null, email text not null,
    items jsonb not null, amount bigint not null, payment_intent text, created_at timestamptz not null default clock_timestamp());
  create table if not exists stock_item (sku text primary key, available bigint not null check (available >= 0), sold bigint not null default 0);
  create table if not exists sent_mail (order_id uuid primary key references customer_order, sent_at timestamptz not null);
  insert into stock_item select sku, 1000000 from unnest(array['mug', 'tee', 'print', 'limited']) as sku on conflict do nothing`);

/** Order and stock in one prepared statement in autocommit; a repeat of the step finds the order and takes nothing. */
const reserve = ({ id, key, email, items, amount }) =>
  pool.query({
    name: 'reserve',
    text: `with placed as (
             insert into customer_order (id, key, status, email, items, amount) values ($1, $2, 'pending', $3, $4, $5)
             on conflict do nothing returning id)
           update stock_item s set available = s.available - i.quantity
             from jsonb_to_recordset($4) as i(sku text, quantity bigint), placed
            where s.sku = i.sku`,
    values: [id, key, email, JSON.stringify(items), amount],
  });

const confirmOrder = (id, intent) =>
  pool.query({
    name: 'confirm',
    text: `update customer_order set status = 'confirmed', payment_intent = $2 where id = $1 and status = 'pending'`,
    values: [id, intent],
  });

const notify = async ({ id, email, amount }) => {
  await mails.sendMail({
    from: 'Once <orders@once.example>',
    to: email,
    messageId: `<${id}.confirmed@once.example>`,
    headers: { 'X-Order-Id': id, 'X-Template': 'confirmed' },
    subject: `Your order ${id} is confirmed`,
    text: `Thank you. Your order ${id} is confirmed and ${amount / 100} EUR has been paid.\n`,
  });
  await pool.query({
    name: 'sent',
    text: 'insert into sent_mail (order_id, sent_at) values ($1, clock_timestamp()) on conflict do nothing',
    values: [id],
  });
};

const checkout = DBOS.registerWorkflow(
  async (order) => {
    const { id, amount, method } = order;
    const keyed = (operation) => ({ idempotencyKey: `${id}:${operation}` });
    await DBOS.runStep(() => reserve(order).then(() => null), { name: 'reserve' });
    const intent = await DBOS.runStep(
      async () => {
        const created = await stripe.paymentIntents.create(
          { amount, currency: 'eur', payment_method: method, capture_method: 'manual', metadata: { order_id: id } },
          keyed('create'),
        );
        return created.id;
      },
      { name: 'create' },
    );
    await DBOS.runStep(() => stripe.paymentIntents.confirm(intent, {}, keyed('confirm')).then(() => null), {
      name: 'confirm',
    });
    await DBOS.runStep(() => stripe.paymentIntents.capture(intent, {}, keyed('capture')).then(() => null), {
      name: 'capture',
    });
    await DBOS.runStep(() => confirmOrder(id, intent).then(() => null), { name: 'confirm-order' });
    await DBOS.runStep(() => notify(order), { name: 'notify' });
  },
  { name: 'checkout' },
);

DBOS.setConfig({
  name: 'once-bench-peer',
  systemDatabaseUrl: DBOS_DATABASE_URL,
  systemDatabasePoolSize: POOL_SIZE,
  logLevel: 'error',
});
await DBOS.launch();

const bodyOf = async (request) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString());
};

const place = async (request, response) => {
  const { customer, items, payment } = await bodyOf(request);
  const key = request.headers['idempotency-key'];
  const amount = items.reduce((sum, { sku, quantity }) => sum + UNIT_AMOUNTS[sku] * quantity, 0);
  const order = { id: randomUUID(), key, email: customer.email, items, amount, method: payment.method };
  await DBOS.startWorkflow(checkout, { workflowID: key })(order);
  response.writeHead(202, { 'content-type': 'application/json', location: `/orders/${order.id}` });
  response.end(JSON.stringify({ id: order.id, status: 'pending', items, amount, currency: 'EUR' }));
};

const server = createServer((request, response) => {
  if (request.url === '/health') return void response.end('ok');
  // Its steps have the answers already; the provider's webhooks are only taken.
  if (request.url === '/webhooks') return void request.resume().on('end', () => response.end());
  place(request, response).catch((error) => response.writeHead(500).end(String(error)));
});
server.keepAliveTimeout = 60_000;
server.listen(Number(PORT), '127.0.0.1');

process.on('SIGTERM', () => {
  server.closeAllConnections();
  server.close();
  void DBOS.shutdown().then(() => process.exit(0));
});
