const QUERY =
  /^\s*metadata\[(?<outer>["'])order_id\k<outer>\]\s*:\s*(?<inner>["'])(?<orderId>[^"'\\]{1,500})\k<inner>\s*$/;

/** The order that `metadata['order_id']:'…'` asks for; null for any other query. */
export function orderIdOfQuery(query: string): string | null {
  return QUERY.exec(query)?.groups?.['orderId'] ?? null;
}
