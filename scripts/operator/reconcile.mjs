import { renderTable } from '../terminal/table.mjs';
import { misused } from './usage.mjs';

/** A window of a day has thousands of intents, read a hundred at a time. */
const ANSWER_WITHIN_MS = 10 * 60_000;

/** `reconcile`: holds our books against the provider's list now, and says what differs. */
export const reconcile = async (api, _rest, { hours }) => {
  if (hours !== undefined && !(Number(hours) > 0)) throw misused(`"${hours}" is no number of hours.`);
  const window = hours === undefined ? {} : { hours: Number(hours) };
  const report = await api.post('payment', '/operator/reconciliation', window, ANSWER_WITHIN_MS);
  const { data: open } = await api.get('payment', '/operator/reconciliation');
  const data = { ...report, open };
  if (open.length > 0) process.exitCode = 1;
  return { data, text: tell(data) };
};

const tell = ({ from, to, compared, underWay, healed, open }) => {
  const head = `${compared} payments compared between ${from} and ${to}, ${underWay} under way`;
  const parts = [head];
  if (healed.length > 0) parts.push(`healed: ${healed.length}`, table(healed));
  parts.push(open.length === 0 ? "our books and the provider's agree" : `differ: ${open.length}`);
  if (open.length > 0) parts.push(table(open));
  return parts.join('\n');
};

const table = (drifts) =>
  renderTable(
    drifts.map(({ kind, orderId, intentId, ours, theirs, atStake, currency }) => ({
      kind,
      order: orderId ?? '',
      intent: intentId,
      ours,
      theirs,
      atStake: `${atStake} ${currency}`,
    })),
  );
