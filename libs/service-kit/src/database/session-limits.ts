/**
 * How long the server lets a session of ours hold anything. All limits are below half the lease: a process that was stopped
 * in the middle of a transaction loses it at the server, long before another process may take over its work. Nothing then
 * depends on the stopped process noticing anything.
 */
export interface SessionLimits {
  readonly lock_timeout: number;
  readonly statement_timeout: number;
  readonly transaction_timeout: number;
  readonly idle_in_transaction_session_timeout: number;
}

/** Four tenths of the lease, so that one statement and the failed one before it still end inside it. */
export const statementTimeoutMs = (leaseMs: number): number => Math.max(1, Math.floor(leaseMs * 0.4));

/** A wait for a lock ends while there is still time for the work behind it. */
const lockTimeoutMs = (leaseMs: number): number => Math.max(1, Math.floor(leaseMs * 0.2));

export function limitsUnderLease(leaseMs: number): SessionLimits {
  return {
    lock_timeout: lockTimeoutMs(leaseMs),
    statement_timeout: statementTimeoutMs(leaseMs),
    transaction_timeout: statementTimeoutMs(leaseMs),
    idle_in_transaction_session_timeout: statementTimeoutMs(leaseMs),
  };
}

/** Five minutes: longer than any migration of ours, short enough that a stopped migrating process is reported, not waited for. */
const MIGRATION_MAX_MS = 300_000;

/**
 * Limits of the one session that migrates. It waits for other replicas' migrations and then rewrites tables, so the limits
 * of ordinary work would kill it; but it is not unlimited either.
 */
export const migrationLimits: SessionLimits = {
  lock_timeout: MIGRATION_MAX_MS,
  statement_timeout: MIGRATION_MAX_MS,
  transaction_timeout: MIGRATION_MAX_MS,
  idle_in_transaction_session_timeout: MIGRATION_MAX_MS,
};
