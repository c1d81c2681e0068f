import { LaunchError } from '../lib/errors.mjs';
import { renderTable } from '../terminal/table.mjs';
import { misused } from './usage.mjs';

/** `stock`: where units are, and how many are for sale. */
export const stock = async (api, [sku, available]) => {
  if (sku === undefined) return shown((await api.get('order', '/operator/stock')).data);
  const path = `/operator/stock/${encodeURIComponent(sku)}`;
  const before = await api.find('order', path);
  if (before === undefined) throw new LaunchError(`There is no SKU ${sku}; npm run once -- stock lists them.`);
  if (available === undefined) return shown([before.body], before.body);
  if (!/^\d+$/.test(available)) throw misused(`"${available}" is no number of units.`);
  // Conditional on what was just read: if an order was faster, the answer says so and nothing is overwritten.
  const after = await api.put('order', path, { available: Number(available) }, before.etag);
  return shown([after], after);
};

const shown = (levels, data = levels) => ({
  data,
  text: renderTable(levels.map(({ sku, available, reserved, sold }) => ({ sku, available, reserved, sold }))),
});
