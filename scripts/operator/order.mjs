import { renderMoney } from '../terminal/money.mjs';
import { renderTable } from '../terminal/table.mjs';
import { renderTimeline } from '../terminal/timeline.mjs';
import { misused } from './usage.mjs';

/** `order`: everything about one order, ours and the provider's, on one screen. */
export const order = async (api, [id]) => {
  if (!id) throw misused('Which order?');
  const found = await api.get('order', `/operator/orders/${encodeURIComponent(id)}`);
  const ledger = await api.get('sandbox', `/sandbox/ledger?order_id=${encodeURIComponent(id)}`);
  return { data: { ...found, ledger }, text: render(found, ledger) };
};

const render = ({ timeline, ...found }, ledger) =>
  [
    renderTable([
      {
        order: found.id,
        account: found.account,
        status: found.status,
        reason: found.reason ?? '',
        amount: renderMoney(found.amount, found.currency),
        payment: found.payment?.status ?? 'none',
        items: found.items.map(({ sku, quantity }) => `${quantity} ${sku}`).join(', '),
        placed: found.createdAt,
      },
    ]),
    renderTimeline(timeline),
    ledger.length === 0 ? 'The provider has booked nothing for it.' : renderLedger(ledger),
  ].join('\n\n');

const renderLedger = (entries) =>
  renderTable(
    entries.map(({ at, kind, amount, currency, paymentIntent }) => ({
      at,
      booked: kind,
      amount: renderMoney(amount, currency),
      intent: paymentIntent,
    })),
  );
