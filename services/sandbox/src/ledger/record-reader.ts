import { Readable } from 'node:stream';
import type { Pool } from 'pg';

export interface RecordWindow {
  readonly orderId?: string | undefined;
  /** Rows behind this number. */
  readonly after: number;
  /** Default: all. */
  readonly limit?: number | undefined;
}

/** A record of the outside world, as `/sandbox/…` shows it. */
export interface SandboxRecord {
  readonly table: 'ledger_entry' | 'call' | 'mail' | 'delivery';
  /** Columns under their public names. */
  readonly columns: string;
}

/** Rows per query: an audit asks for everything, and everything may not fit into memory. */
const CHUNK_ROWS = 2_000;

/** Reads a record, oldest first, as one JSON array, however long it is. */
export class RecordReader {
  constructor(
    private readonly pool: Pool,
    private readonly chunkRows = CHUNK_ROWS,
  ) {}

  read(record: SandboxRecord, window: RecordWindow): Readable {
    return Readable.from(this.arrayOf(record, window), { objectMode: false });
  }

  /** Number of the newest row of each record. */
  async newest(): Promise<{ ledger: number; calls: number; mailbox: number; deliveries: number }> {
    const { rows } = await this.pool.query<Record<'ledger' | 'calls' | 'mailbox' | 'deliveries', string>>(`
      select
        (select coalesce(max(seq), 0) from ledger_entry) as ledger,
        (select coalesce(max(seq), 0) from call) as calls,
        (select coalesce(max(seq), 0) from mail) as mailbox,
        (select coalesce(max(seq), 0) from delivery) as deliveries`);
    const { ledger = 0, calls = 0, mailbox = 0, deliveries = 0 } = rows[0] ?? {};
    return { ledger: Number(ledger), calls: Number(calls), mailbox: Number(mailbox), deliveries: Number(deliveries) };
  }

  private async *arrayOf(
    record: SandboxRecord,
    { orderId, after, limit = Number.POSITIVE_INFINITY }: RecordWindow,
  ): AsyncGenerator<string> {
    let last = after;
    let left = limit;
    let separator = '[';
    while (left > 0) {
      const wanted = Math.min(left, this.chunkRows);
      const rows = await this.chunk(record, orderId, last, wanted);
      if (rows.length > 0) yield separator + rows.map((row) => JSON.stringify(row)).join(',');
      if (rows.length > 0) separator = ',';
      last = rows.at(-1)?.seq ?? last;
      left -= rows.length;
      if (rows.length < wanted) break;
    }
    yield separator === '[' ? '[]' : ']';
  }

  private async chunk(
    { table, columns }: SandboxRecord,
    orderId: string | undefined,
    after: number,
    limit: number,
  ): Promise<{ readonly seq: number }[]> {
    const { rows } = await this.pool.query<{ seq: string }>(
      `select ${columns} from ${table} where seq > $1 and ($2::text is null or order_id = $2) order by seq limit $3`,
      [after, orderId ?? null, limit],
    );
    return rows.map((row) => ({ ...row, seq: Number(row.seq) }));
  }
}
