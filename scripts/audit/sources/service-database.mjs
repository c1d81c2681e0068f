import { connect } from './postgres-client.mjs';
import { PULSES } from './service-pulse.mjs';
import { SERVICE_TABLES } from './service-tables.mjs';

/** Rows per round trip: memory stays flat however many orders there are. */
const FETCH_ROWS = 5_000;

/** One service's database, read from outside: the audit takes no locks and changes nothing. */
export class ServiceDatabase {
  #client;

  constructor(service, client) {
    this.service = service;
    this.#client = client;
  }

  static async open(service, url) {
    return new ServiceDatabase(service, await connect(`database of the ${service} service`, url));
  }

  /** Copies every table of the service into the scratch, all of one moment. */
  async copyInto(scratch) {
    await this.#client.query('begin isolation level repeatable read read only');
    for (const { table, query } of SERVICE_TABLES[this.service]) await scratch.fillFrom(table, this.#read(query));
    await this.#client.query('commit');
  }

  /** What is under way and what has been reached; see rest.mjs. */
  async pulse() {
    const { rows } = await this.#client.query(PULSES[this.service]);
    return rows[0];
  }

  close() {
    return this.#client.end();
  }

  /** The rows of a query as arrays in JSON. The server writes the JSON, so no digit of a time or an amount is lost here. */
  async *#read(query) {
    await this.#client.query(`declare reading no scroll cursor for select to_jsonb(r)::text as row from (${query}) r`);
    for (;;) {
      const { rows } = await this.#client.query(`fetch ${FETCH_ROWS} from reading`);
      if (rows.length > 0) yield `[${rows.map(({ row }) => row).join(',')}]`;
      if (rows.length < FETCH_ROWS) break;
    }
    await this.#client.query('close reading');
  }
}
