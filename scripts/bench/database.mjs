/** A connection for as long as some questions take. */

/** @param {(ask: (text: string, values?: unknown[]) => Promise<object[]>) => Promise<T>} work @template T */
export const asking = async (url, work) => {
  const { default: pg } = await import('pg'); // only after npm ci
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(async (text, values) => (await client.query(text, values)).rows);
  } finally {
    await client.end();
  }
};
