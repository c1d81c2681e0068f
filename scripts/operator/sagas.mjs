import { renderMoney } from '../terminal/money.mjs';
import { renderTable } from '../terminal/table.mjs';
import { misused, requireNote } from './usage.mjs';

/** `sagas`: what waits for somebody's answer, and giving it. */
export const sagas = (api, [action = 'parked', ...rest], options) =>
  action === 'resolve' ? resolve(api, rest, options) : list(api, action);

const list = async (api, status) => {
  const query = status === 'all' ? '' : `?status=${encodeURIComponent(status)}`;
  const found = await api.list('order', `/operator/sagas${query}`);
  return { data: found, text: found.length === 0 ? `No saga is ${status}.` : renderTable(found.map(rowOf)) };
};

const resolve = async (api, [id, resolution], { note }) => {
  if (!id || !resolution) throw misused('Which saga, and what about it?');
  const body = { resolution, note: requireNote(note) };
  const saga = await api.post('order', `/operator/sagas/${encodeURIComponent(id)}/resolve`, body);
  return { data: saga, text: renderTable([rowOf(saga)]) };
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
