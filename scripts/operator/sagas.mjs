import { renderMoney } from '../terminal/money.mjs';
import { renderTable } from '../terminal/table.mjs';
import { renderTimeline } from '../terminal/timeline.mjs';
import { misused, requireNote } from './usage.mjs';

/** The payment service is asked before, and may look at a slow provider for as long as a lease and longer than a minute. */
const RESOLVED_WITHIN_MS = 5 * 60_000;

/** `sagas`: what waits for somebody's answer, and giving it. */
export const sagas = (api, [action = 'parked', ...rest], options) => {
  switch (action) {
    case 'show':
      return show(api, rest);
    case 'resolve':
      return resolve(api, rest, options);
    case 'retry':
      return resolve(api, [rest[0], 'retry'], options);
    default:
      return list(api, action);
  }
};

const list = async (api, status) => {
  const query = status === 'all' ? '' : `?status=${encodeURIComponent(status)}`;
  const found = await api.list('order', `/operator/sagas${query}`);
  return { data: found, text: found.length === 0 ? `No saga is ${status}.` : renderTable(found.map(rowOf)) };
};

const show = async (api, [id]) => {
  if (!id) throw misused('Which saga?');
  const saga = await api.get('order', `/operator/sagas/${encodeURIComponent(id)}`);
  const { timeline } = await api.get('order', `/operator/orders/${saga.orderId}`);
  return { data: { ...saga, timeline }, text: [renderTable([rowOf(saga)]), renderTimeline(timeline)].join('\n\n') };
};

const resolve = async (api, [id, resolution], { note }) => {
  if (!id || !resolution) throw misused('Which saga, and what about it?');
  const body = { resolution, note: requireNote(note) };
  const saga = await api.post('order', `/operator/sagas/${encodeURIComponent(id)}/resolve`, body, RESOLVED_WITHIN_MS);
  const { timeline } = await api.get('order', `/operator/orders/${saga.orderId}`);
  const { learned } = timeline.findLast(({ event }) => event === 'resolved').detail;
  const text = [renderTable([rowOf(saga)]), learned ?? ''].join('\n').trimEnd();
  return { data: { ...saga, ...(learned && { learned }) }, text };
};

const rowOf = ({ id, orderId, kind, step, status, reason, since, moneyAtStake, currency }) => ({
  id,
  order: orderId,
  kind,
  step,
  status,
  since,
  'at stake': renderMoney(moneyAtStake, currency),
  reason,
});
