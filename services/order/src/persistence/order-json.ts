/** A timestamp as callers see it: ISO 8601, UTC, milliseconds. */
export function isoTime(expression: string): string {
  return `to_char(${expression} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}

/** A row of customer_order, under the alias `o`, as an Order in jsonb. */
export const ORDER_JSON = `
  jsonb_build_object(
    'id', o.id, 'account', o.account, 'status', o.status, 'reason', o.reason, 'items', o.items,
    'amount', o.amount, 'currency', o.currency, 'email', o.email, 'paymentMethod', o.payment_method,
    'stock', o.stock, 'payment', o.payment,
    'createdAt', ${isoTime('o.created_at')}, 'cancelRequestedAt', ${isoTime('o.cancel_requested_at')})`;
