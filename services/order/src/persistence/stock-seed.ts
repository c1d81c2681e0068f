import type { SqlSession } from '@once/idempotency';

const SEED = [
  { sku: 'mug', unitAmount: 1200, available: 1_000_000 },
  { sku: 'tee', unitAmount: 2500, available: 1_000_000 },
  { sku: 'print', unitAmount: 4000, available: 1_000_000 },
  { sku: 'limited', unitAmount: 9900, available: 10 },
] as const;

/** Puts the development articles into an empty shop; what is there already stays as it is. */
export async function seedStock(session: SqlSession): Promise<void> {
  await session.query(
    `insert into stock_item (sku, unit_amount, currency, available)
     select s.sku, s."unitAmount", 'EUR', s.available
       from jsonb_to_recordset($1::jsonb) as s(sku text, "unitAmount" bigint, available bigint)
         on conflict (sku) do nothing`,
    [JSON.stringify(SEED)],
  );
}
