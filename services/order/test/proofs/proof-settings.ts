/**
 * Windows in seconds instead of minutes, so that a crash is recovered from while the proof watches. The saga's own
 * timer is far away: it would ask again for what was lost, and so hide that something was lost.
 */
export const PROOF_SETTINGS = {
  IDEMPOTENCY_LEASE_MS: '3000',
  PROVIDER_TIMEOUT_MS: '1000',
  RETRY_BACKOFF_MAX_MS: '1000',
  OUTBOX_SWEEP_MS: '200',
  SAGA_STEP_TIMEOUT_MS: '600000',
  SAGA_GIVE_UP_MS: '1200000',
} as const;

/** A built copy to judge instead of this repository: the controls of a proof take a guard out and see it turn red. */
const directory = process.env['PROOF_DIRECTORY'];
export const JUDGED = directory === undefined ? {} : { directory };

/** How long a proof waits for what is to come. A control knows that it will not, and waits for less. */
export const patience = (usualMs: number): number => Number(process.env['PROOF_WITHIN_MS'] ?? usualMs);
