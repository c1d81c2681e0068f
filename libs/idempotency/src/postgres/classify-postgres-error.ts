/**
 * What an error of pg, or of TypeORM around it, means for the statement that met it; see AtomicOptions.
 *
 * An error with an SQLSTATE is the server's answer. One without came from the driver or the network, where nobody knows
 * how far the statement got: it counts as a broken connection, unless it is a plain mistake in JavaScript.
 */
export function classifyPostgresError(error: unknown): 'connection' | 'retryable' | 'terminal' {
  const code = sqlStateOf(error);
  if (code === null) return isMistake(error) ? 'terminal' : 'connection';
  if (CONNECTION_STATES.test(code)) return 'connection';
  return RETRYABLE_STATES.test(code) ? 'retryable' : 'terminal';
}

/** The server ends the session: connection exceptions, shutdown, crash, timeouts of sessions and transactions, too many. */
const CONNECTION_STATES = /^(08...|57P0[1-5]|25P0[34]|53300)$/;

/**
 * It took no effect and may do next time: serialization failure, deadlock, lock or statement timeout, and the violated
 * constraints by which a concurrent winner shows itself.
 */
const RETRYABLE_STATES = /^(40001|40P01|55P03|57014|23503|23505|23514)$/;

function sqlStateOf(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return null;
  // Every SQLSTATE has a digit, unlike EPIPE.
  return /^(?=.*\d)[0-9A-Z]{5}$/.test(error.code) ? error.code : null;
}

const isMistake = (error: unknown): boolean =>
  !(error instanceof Error) ||
  [TypeError, RangeError, SyntaxError, ReferenceError].some((kind) => error instanceof kind);
