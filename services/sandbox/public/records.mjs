import { button, byId, cell, cellWith, row } from './elements.mjs';
import { request } from './requests.mjs';

/** Shown per record; older rows make room. */
const ROWS_MAX = 200;

/** The records and their columns, as /sandbox/… names them. */
const RECORDS = {
  ledger: ['seq', 'at', 'kind', 'orderId', 'amount', 'currency', 'paymentIntent', 'idempotencyKey'],
  calls: ['seq', 'at', 'operation', 'orderId', 'status', 'applied', 'fault', 'paymentIntent', 'idempotencyKey'],
  mailbox: ['seq', 'at', 'orderId', 'template', 'to', 'subject', 'messageId'],
  deliveries: ['seq', 'at', 'operation', 'orderId', 'status', 'fault', 'reference', 'error'],
};
export const recordNames = Object.keys(RECORDS);

const lastSeen = new Map();
const shownOrder = () => byId('order').value.trim();

/** Empties the tables and begins again, with one order or with all. */
export function resetRecords() {
  lastSeen.clear();
  for (const name of recordNames) {
    const head = document.createElement('thead');
    const titles = RECORDS[name].map((column) =>
      Object.assign(document.createElement('th'), { scope: 'col', textContent: column }),
    );
    head.append(row(titles));
    byId(name).replaceChildren(head, document.createElement('tbody'));
  }
}

/** Fetches what is new, up to the row that was the newest when the pass began. */
export async function readRecord(name, newest) {
  const order = shownOrder();
  const after = lastSeen.get(name) ?? (order === '' ? Math.max(0, newest - ROWS_MAX) : 0);
  if (after >= newest) return;
  const query = new URLSearchParams({ after, limit: ROWS_MAX, ...(order === '' ? {} : { order_id: order }) });
  const rows = await request('GET', `/sandbox/${name}?${query}`);
  // Somebody asked for another order while this was on its way.
  if (order !== shownOrder()) return;
  show(name, rows);
  const isAll = rows.length < ROWS_MAX;
  lastSeen.set(name, Math.max(isAll ? newest : 0, rows.at(-1)?.seq ?? 0));
}

/** The newest on top. */
function show(name, rows) {
  const [body] = byId(name).tBodies;
  for (const line of rows) body.prepend(row(RECORDS[name].map((column) => cellOf(column, line[column]))));
  while (body.rows.length > ROWS_MAX) body.deleteRow(-1);
}

function cellOf(column, value) {
  if (value === null) return cell('');
  if (column === 'orderId') return cellWith(orderButton(value));
  if (column === 'at') return cell(value.slice(11, 23));
  if (column === 'amount') return cell(value, 'number');
  if (column === 'kind') return cell(value, value);
  return cell(String(value), column === 'fault' ? 'fault' : '');
}

/** Shows this order only. */
function orderButton(orderId) {
  const element = button(orderId, () => {
    byId('order').value = orderId;
    byId('order').dispatchEvent(new Event('change'));
  });
  element.className = 'order';
  return element;
}
