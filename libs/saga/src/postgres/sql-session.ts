/** Whatever sends one statement: a pg client or pool, TypeORM's EntityManager or DataSource. */
export interface SqlSession {
  query(text: string, values?: unknown[]): Promise<unknown>;
}

// The caller wrote the statement and says what its rows look like; no type can check that.
// oxlint-disable typescript/no-unsafe-type-assertion, typescript/no-unnecessary-type-parameters

/** The rows of a result in any of the shapes of pg (`{ rows }`) and TypeORM (rows, or `[rows, count]`). */
export function rowsOf<Row>(result: unknown): readonly Row[] {
  if (Array.isArray(result)) {
    const isTypeormPair = result.length === 2 && Array.isArray(result[0]) && typeof result[1] === 'number';
    return (isTypeormPair ? result[0] : result) as Row[];
  }
  return (result as { rows: Row[] }).rows;
}
