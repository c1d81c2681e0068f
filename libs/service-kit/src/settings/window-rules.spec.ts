import { describe, expect, it } from 'vitest';
import { readSettings } from './settings.js';

const windows = [
  'IDEMPOTENCY_LEASE_MS',
  'PROVIDER_TIMEOUT_MS',
  'PROVIDER_KEY_LIFE_MS',
  'RETRY_BACKOFF_MAX_MS',
  'BROKER_ACK_TIMEOUT_MS',
  'SAGA_STEP_TIMEOUT_MS',
  'SAGA_GIVE_UP_MS',
] as const;

const read = (environment: Record<string, string>) => () => readSettings(windows, environment);

describe('windowRules', () => {
  it('allow every duration to be a second or less', () => {
    const small = {
      IDEMPOTENCY_LEASE_MS: '900',
      PROVIDER_TIMEOUT_MS: '400',
      PROVIDER_KEY_LIFE_MS: '1000',
      RETRY_BACKOFF_MAX_MS: '100',
      BROKER_ACK_TIMEOUT_MS: '1000',
      SAGA_STEP_TIMEOUT_MS: '100',
      SAGA_GIVE_UP_MS: '1000',
    };
    expect(read(small)).not.toThrow();
  });

  it('refuse a provider call that can outlive the lease with its commit', () => {
    expect(read({ PROVIDER_TIMEOUT_MS: '16499' })).not.toThrow();
    expect(read({ PROVIDER_TIMEOUT_MS: '16500' })).toThrow(
      'PROVIDER_TIMEOUT_MS (16500) plus the longest commit (13500) must be below IDEMPOTENCY_LEASE_MS (30000)',
    );
  });

  it('refuse a lease that outlives the patience of the broker', () => {
    expect(read({ BROKER_ACK_TIMEOUT_MS: '30000' })).toThrow(
      'IDEMPOTENCY_LEASE_MS (30000) must be below BROKER_ACK_TIMEOUT_MS (30000)',
    );
  });

  it('refuse holds that end before an outage of the database that leases survive', () => {
    expect(read({ BROKER_ACK_TIMEOUT_MS: '33001' })).not.toThrow();
    expect(read({ BROKER_ACK_TIMEOUT_MS: '33000' })).toThrow(
      'BROKER_ACK_TIMEOUT_MS (33000) leaves room to hold a delivery 20 times, 30000 ms in all, ' +
        'which must be above IDEMPOTENCY_LEASE_MS (30000)',
    );
  });

  it('refuse to give an order up before its step is asked for again', () => {
    expect(read({ SAGA_GIVE_UP_MS: '5000' })).toThrow(
      'SAGA_STEP_TIMEOUT_MS (5000) must be below SAGA_GIVE_UP_MS (5000)',
    );
  });

  it('refuse retries that reach a provider which has forgotten the key', () => {
    expect(read({ PROVIDER_KEY_LIFE_MS: '46000' })).toThrow(
      'PROVIDER_KEY_LIFE_MS (46000) must be above two calls and one pause',
    );
  });

  it('name every broken window at once', () => {
    expect(read({ IDEMPOTENCY_LEASE_MS: '1000', BROKER_ACK_TIMEOUT_MS: '1000' })).toThrow(
      /PROVIDER_TIMEOUT_MS \(8000\)[\s\S]*IDEMPOTENCY_LEASE_MS \(1000\) must be below BROKER_ACK_TIMEOUT_MS \(1000\)/,
    );
  });

  it('do not ask about settings that the service does not read', () => {
    expect(() => readSettings(['PROVIDER_TIMEOUT_MS'], { PROVIDER_TIMEOUT_MS: '999999' })).not.toThrow();
  });
});
