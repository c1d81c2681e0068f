/**
 * What the provider's ledger says against the promise, one sentence per order that breaks it: at most one capture, never
 * more returned than captured, and money that matches where the order ended.
 */
export const findLedgerProblems = (orders, ledger) =>
  orders.flatMap((order) =>
    problemsOf(
      order,
      ledger.filter((entry) => entry.orderId === order.id),
    ),
  );

const problemsOf = (order, entries) => {
  const captures = entries.filter((entry) => entry.kind === 'capture');
  const captured = sum(captures);
  const refunded = sum(entries.filter((entry) => entry.kind === 'refund'));
  const net = captured - refunded;
  const says = (problem) => `order ${order.id} (${order.status}, ${order.amount} ${order.currency}): ${problem}`;
  return [
    ...(captures.length > 1 ? [says(`captured ${captures.length} times`)] : []),
    ...(refunded > captured ? [says(`${refunded} returned of ${captured} captured`)] : []),
    ...(captures.some((capture) => capture.currency !== order.currency) ? [says('captured in another currency')] : []),
    ...endProblems(order, net).map(says),
  ];
};

const endProblems = (order, net) => {
  if (order.status === 'confirmed') return net === order.amount ? [] : [`the ledger holds ${net}`];
  if (order.status === 'cancelled') return net === 0 ? [] : [`the ledger still holds ${net}`];
  return ['has not ended'];
};

const sum = (entries) => entries.reduce((total, entry) => total + entry.amount, 0);
