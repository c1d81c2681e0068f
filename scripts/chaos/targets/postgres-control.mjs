/** What a chaos run does to the database server from inside, and asks of it. */
export class PostgresControl {
  #serverUrl;

  constructor(serverUrl) {
    this.#serverUrl = serverUrl;
  }

  /** Ends every session of a service. Returns how many there were. */
  async terminateBackends(service) {
    const { rowCount } = await this.query(
      'postgres',
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and pid <> pg_backend_pid()',
      [`once_${service}`],
    );
    return rowCount;
  }

  async isReady() {
    return this.query('postgres', 'select 1').then(
      () => true,
      () => false,
    );
  }

  async query(database, text, values = []) {
    const { default: pg } = await import('pg'); // only after npm ci
    const client = new pg.Client({
      connectionString: `${this.#serverUrl}/${database}`,
      connectionTimeoutMillis: 3_000,
      query_timeout: 10_000,
    });
    client.on('error', () => {}); // the server may be killed while we are connected: the query says so
    try {
      await client.connect();
      return await client.query(text, values);
    } finally {
      await client.end().catch(() => {});
    }
  }
}
