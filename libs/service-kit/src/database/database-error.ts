/**
 * The one place that says what an error of the database means for the statement that met it.
 *
 * - *connection error*: the connection was lost, refused or ended. Whether the statement took effect is UNKNOWN: it may have
 *   been committed a moment before the answer was lost. Run the same conditional statement again; never conclude from a SELECT.
 * - *retryable error*: the server answered that the statement took NO effect, for a reason that passes: a lost race, a
 *   deadlock, a limit reached. Load and decide again, a bounded number of times.
 * - anything else is a mistake in the statement or its data, and fails the same way every time.
 */
export type DatabaseErrorKind = 'connection' | 'retryable' | 'terminal';

export function classifyDatabaseError(error: unknown): DatabaseErrorKind {
  if (!(error instanceof Error)) return 'terminal';
  const code = codeOf(error);
  if (code !== undefined) {
    if (CONNECTION_CODES.has(code) || code.startsWith('08')) return 'connection';
    return RETRYABLE_CODES.has(code) ? 'retryable' : 'terminal';
  }
  return CONNECTION_MESSAGES.some((message) => error.message.startsWith(message)) ? 'connection' : 'terminal';
}

export const isConnectionError = (error: unknown): boolean => classifyDatabaseError(error) === 'connection';

export const isRetryableError = (error: unknown): boolean => classifyDatabaseError(error) === 'retryable';

const CONNECTION_CODES: ReadonlySet<string> = new Set([
  // The server ended the session.
  '57P01', // admin_shutdown
  '57P02', // crash_shutdown
  '57P03', // cannot_connect_now
  '57P05', // idle_session_timeout
  '25P03', // idle_in_transaction_session_timeout
  '25P04', // transaction_timeout
  '53300', // too_many_connections
  // The network ended it.
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'ETIMEDOUT',
  // A commit that waited for its standby was cut short (see commit-watch.ts).
  'commit_unconfirmed',
]);

const RETRYABLE_CODES: ReadonlySet<string> = new Set([
  '40001', // serialization_failure
  '40P01', // deadlock_detected
  '55P03', // lock_not_available: lock_timeout or NOWAIT
  '57014', // query_canceled: statement_timeout
  '23505', // unique_violation: another one was first
  '23514', // check_violation: such as stock below zero; the row has changed since it was loaded
  '23503', // foreign_key_violation: the row referred to was deleted since it was loaded
  '0A000', // feature_not_supported: "cached plan must not change result type", after a migration by a newer replica
  '26000', // invalid_sql_statement_name: the prepared statement is gone
]);

/** What pg says without a code when the socket or the pool gives up. */
const CONNECTION_MESSAGES = [
  'Connection terminated',
  'Client has encountered a connection error',
  'Client was closed',
  'Query read timeout',
  'timeout exceeded when trying to connect',
  'Cannot use a pool after calling end on the pool',
  'Driver not Connected',
  // TypeORM, when the connection was lost between two statements of a transaction.
  'Query runner already released',
];

/** The code of the error itself, or of pg's error inside TypeORM's QueryFailedError, or of the first address of a failed connect. */
function codeOf(error: Error): string | undefined {
  if ('code' in error && typeof error.code === 'string') return error.code;
  if ('driverError' in error && error.driverError instanceof Error) return codeOf(error.driverError);
  if (error instanceof AggregateError && error.errors[0] instanceof Error) return codeOf(error.errors[0]);
  return undefined;
}
