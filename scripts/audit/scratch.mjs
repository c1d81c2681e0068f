import { readFileSync } from 'node:fs';

const SCHEMA = readFileSync(new URL('scratch.sql', import.meta.url), 'utf8');

/** Rows of one insert: a few megabytes of JSON at most, whatever a row holds. */
const CHUNK_ROWS = 5_000;

/**
 * The tables of `scratch.sql` in a connection of their own. Whatever is filled in is read by the invariants and gone with the
 * connection.
 */
export class Scratch {
  #client;

  /** @param {import('pg').Client} client connected, and used for nothing else */
  constructor(client) {
    this.#client = client;
  }

  async create() {
    await this.#client.query(SCHEMA);
    await this.#client.query('insert into reading values (clock_timestamp())');
  }

  /** @param {AsyncIterable<string>} texts arrays of rows in JSON; a row's fields are named as the table's columns */
  async fillFrom(table, texts) {
    for await (const text of texts) {
      await this.#client.query(`insert into ${table} select * from jsonb_populate_recordset(null::${table}, $1)`, [
        text,
      ]);
    }
  }

  /** @param {object[]} rows their fields are named as the table's columns; what is left out is null */
  async fill(table, rows) {
    await this.fillFrom(table, chunksOf(rows));
  }

  /** Indexes and statistics, once everything is filled in: the invariants join most tables on the order. */
  async prepare() {
    await this.#client.query(`
      create index on ledger (order_id);
      create index on provider_call (order_id, operation);
      create index on mail (order_id);
      create index on customer_order (id);
      create index on saga (order_id);
      create index on saga_timeline (order_id, seq);
      create index on saga_timeline (saga_id);
      create index on payment (order_id);
      create index on idempotency_record (key);
      create index on request (account, key);
      analyze`);
  }

  async query(text, values = []) {
    const { rows } = await this.#client.query(text, values);
    return rows;
  }
}

async function* chunksOf(rows) {
  for (let start = 0; start < rows.length; start += CHUNK_ROWS) {
    yield JSON.stringify(rows.slice(start, start + CHUNK_ROWS));
  }
}
