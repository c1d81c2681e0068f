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

/** Just below half the lease: what a holder has begun is over while the second half still belongs to it. */
export const transactionTimeoutMs = (leaseMs: number): number => share(leaseMs, 0.45);

/** Shorter, because a transaction that runs out of time costs its connection and a statement only itself. */
const statementTimeoutMs = (leaseMs: number): number => share(leaseMs, 0.4);

/** Shorter still: a wait for a lock ends while there is time for the work behind it. */
const lockTimeoutMs = (leaseMs: number): number => share(leaseMs, 0.2);

/** Never 0, which turns a limit off. */
const share = (leaseMs: number, part: number): number => Math.max(1, Math.floor(leaseMs * part));

export function limitsUnderLease(leaseMs: number): SessionLimits {
  return {
    lock_timeout: lockTimeoutMs(leaseMs),
    statement_timeout: statementTimeoutMs(leaseMs),
    transaction_timeout: transactionTimeoutMs(leaseMs),
    idle_in_transaction_session_timeout: transactionTimeoutMs(leaseMs),
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
