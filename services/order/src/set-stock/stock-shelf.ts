import { rowsOf, type SqlSession } from '@once/idempotency';

/** One SKU as the operator sees it. */
export interface StockLevel {
  readonly sku: string;
  readonly available: number;
  readonly reserved: number;
  readonly sold: number;
}

export interface VersionedStock {
  readonly level: StockLevel;
  /** Grows with every movement of the SKU's units. */
  readonly version: number;
}

const COLUMNS = `
  jsonb_build_object('sku', sku, 'available', available, 'reserved', reserved, 'sold', sold) as level, version::int`;

/** A shop with more articles is looked at one by one. */
const LIST_MAX = 1_000;

/** The operator's view of the stock. Reservations and sales go through orders only. */
export class StockShelf {
  constructor(private readonly session: SqlSession) {}

  async list(): Promise<readonly StockLevel[]> {
    const result = await this.session.query(`select ${COLUMNS} from stock_item order by sku limit ${LIST_MAX}`);
    return rowsOf<VersionedStock>(result).map(({ level }) => level);
  }

  async find(sku: string): Promise<VersionedStock | null> {
    const result = await this.session.query(`select ${COLUMNS} from stock_item where sku = $1`, [sku]);
    return rowsOf<VersionedStock>(result)[0] ?? null;
  }

  /**
   * Sets the unreserved quantity if nothing has moved since `version` was read; null otherwise. So a change that arrives
   * late or twice cannot overwrite what orders have taken since.
   */
  async setAvailable(sku: string, available: number, version: number): Promise<VersionedStock | null> {
    const result = await this.session.query(
      `update stock_item set available = $2, version = version + 1
        where sku = $1 and version = $3
       returning ${COLUMNS}`,
      [sku, available, version],
    );
    return rowsOf<VersionedStock>(result)[0] ?? null;
  }
}
