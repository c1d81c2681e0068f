import type { SagaInstance } from '../saga-instance.js';
import { sagaColumns } from './saga-columns.js';
import { rowsOf, type SqlSession } from './sql-session.js';

/** The sagas with these ids, in no particular order; unknown ids are not in the result. */
export const loadSagas = async (session: SqlSession, ids: readonly string[]): Promise<readonly SagaInstance[]> =>
  rowsOf<SagaInstance>(
    await session.query(`select ${sagaColumns('s')} from saga s where s.id = any($1::uuid[])`, [ids]),
  );
