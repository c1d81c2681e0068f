/**
 * The same order on DBOS Transact: place it over HTTP under an idempotency key, reserve the stock, create, confirm and
 * capture the payment through the same SDK, confirm the order, send the same mail. The workflow's id is the key, every
 * foreign call is a step. One process, a pool of 20, log level error: the best of what was tried.
 */
import { DBOS } from '@dbos-inc/dbos-sdk';
import pg from 'pg';
import { captureIntent, confirmIntent, CONNECTIONS_MAX, createIntent, sendMail, serve } from './calls.mjs';

const { DATABASE_URL, DBOS_DATABASE_URL } = process.env;

const pool = new pg.Pool({ connectionString: DATABASE_URL, max: CONNECTIONS_MAX });

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

const notify = async (order) => {
  await sendMail(order);
  await pool.query({
    name: 'sent',
    text: 'insert into sent_mail (order_id, sent_at) values ($1, clock_timestamp()) on conflict do nothing',
    values: [order.id],
  });
};

const checkout = DBOS.registerWorkflow(
  async (order) => {
    await DBOS.runStep(() => reserve(order).then(() => null), { name: 'reserve' });
    const intent = await DBOS.runStep(() => createIntent(order), { name: 'create' });
    await DBOS.runStep(() => confirmIntent(order, intent).then(() => null), { name: 'confirm' });
    await DBOS.runStep(() => captureIntent(order, intent).then(() => null), { name: 'capture' });
    await DBOS.runStep(() => confirmOrder(order.id, intent).then(() => null), { name: 'confirm-order' });
    await DBOS.runStep(() => notify(order), { name: 'notify' });
  },
  { name: 'checkout' },
);

DBOS.setConfig({
  name: 'once-bench-peer',
  systemDatabaseUrl: DBOS_DATABASE_URL,
  systemDatabasePoolSize: CONNECTIONS_MAX,
  logLevel: 'error',
});
await DBOS.launch();

serve(
  (order) => DBOS.startWorkflow(checkout, { workflowID: order.key })(order),
  () => DBOS.shutdown(),
);
