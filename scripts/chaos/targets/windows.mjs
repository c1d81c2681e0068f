/** Seconds where production has minutes: a run of two minutes sees leases expire and steps be asked for again. */
export const WINDOWS = {
  IDEMPOTENCY_LEASE_MS: '6000',
  PROVIDER_TIMEOUT_MS: '1500',
  RETRY_BACKOFF_MAX_MS: '5000',
  OUTBOX_SWEEP_MS: '200',
  SAGA_STEP_TIMEOUT_MS: '6000',
  SAGA_GIVE_UP_MS: '120000',
  LOG_LEVEL: 'warn',
};
