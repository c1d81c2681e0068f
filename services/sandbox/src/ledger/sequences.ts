import type { Pool } from 'pg';

const COUNTED = ['ledger', 'call', 'delivery', 'mail', 'object'] as const;
type Counted = (typeof COUNTED)[number];

/**
 * Numbers rows in the order in which things happen, gapless per record.
 *
 * They come from memory rather than from the database because only one process owns this world (journal-session.ts), and
 * because the order must be fixed when a thing happens, not when its batch is written.
 */
export class Sequences {
  private constructor(private readonly last: Record<Counted, number>) {}

  static startingAfter(last: Partial<Record<Counted, number>> = {}): Sequences {
    return new Sequences({ ledger: 0, call: 0, delivery: 0, mail: 0, object: 0, ...last });
  }

  /** Continues where the rows on disk end. */
  static async load(pool: Pool): Promise<Sequences> {
    const { rows } = await pool.query<Record<Counted, string>>(`
      select
        (select coalesce(max(seq), 0) from ledger_entry) as ledger,
        (select coalesce(max(seq), 0) from call) as call,
        (select coalesce(max(seq), 0) from delivery) as delivery,
        (select coalesce(max(seq), 0) from mail) as mail,
        greatest(
          (select seq from payment_intent order by created_at desc, seq desc limit 1),
          (select seq from refund order by created_at desc, seq desc limit 1),
          (select seq from event order by created_at desc, seq desc limit 1),
          0) as object`);
    const last = rows[0];
    return Sequences.startingAfter(
      last === undefined ? {} : Object.fromEntries(COUNTED.map((name) => [name, Number(last[name])])),
    );
  }

  next(name: Counted): number {
    this.last[name] += 1;
    return this.last[name];
  }
}
