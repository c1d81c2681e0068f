import type { SettingName } from './setting-definitions.js';
import { deliveryHoldMs, DELIVERIES_MAX } from './delivery-hold.js';
import { transactionTimeoutMs } from '../database/session-limits.js';

/**
 * Durations that only make sense in relation to each other. A service is given the rules whose settings it reads, and
 * refuses to start with the sentence of every rule that is broken.
 *
 * The rules are relations, never absolute minima: all windows together may be shrunk to a second or less, which is how tests
 * and chaos runs see in seconds what production sees in days.
 */
export interface WindowRule {
  readonly name: string;
  readonly reads: readonly SettingName[];
  holds(valueOf: ValueOf): boolean;
  sentence(valueOf: ValueOf): string;
}

export type ValueOf = (name: SettingName) => number;

export const windowRules: readonly WindowRule[] = [
  {
    name: 'provider-call-and-commit-fit-the-lease',
    reads: ['PROVIDER_TIMEOUT_MS', 'IDEMPOTENCY_LEASE_MS'],
    // The server itself ends a commit after transactionTimeoutMs, so call and commit together end inside the lease.
    holds: (valueOf) =>
      valueOf('PROVIDER_TIMEOUT_MS') + transactionTimeoutMs(valueOf('IDEMPOTENCY_LEASE_MS')) <
      valueOf('IDEMPOTENCY_LEASE_MS'),
    sentence: (valueOf) =>
      `PROVIDER_TIMEOUT_MS (${valueOf('PROVIDER_TIMEOUT_MS')}) plus the longest commit (${transactionTimeoutMs(valueOf('IDEMPOTENCY_LEASE_MS'))}) must be ` +
      `below IDEMPOTENCY_LEASE_MS (${valueOf('IDEMPOTENCY_LEASE_MS')}): otherwise a rescuer takes over while the call is still running`,
  },
  {
    name: 'lease-ends-before-the-broker-takes-back',
    reads: ['IDEMPOTENCY_LEASE_MS', 'BROKER_ACK_TIMEOUT_MS'],
    // A handler works under a lease and is done with its delivery when the lease ends, whatever happened.
    holds: (valueOf) => valueOf('IDEMPOTENCY_LEASE_MS') < valueOf('BROKER_ACK_TIMEOUT_MS'),
    sentence: (valueOf) =>
      `IDEMPOTENCY_LEASE_MS (${valueOf('IDEMPOTENCY_LEASE_MS')}) must be below BROKER_ACK_TIMEOUT_MS (${valueOf('BROKER_ACK_TIMEOUT_MS')}): ` +
      'otherwise the broker closes the channel of a handler that is still entitled to work',
  },
  {
    name: 'holds-outlast-the-lease-when-the-database-is-away',
    reads: ['IDEMPOTENCY_LEASE_MS', 'BROKER_ACK_TIMEOUT_MS'],
    // Sessions and leases are made for outages of about a lease; a message must not be given up before they are.
    holds: (valueOf) => heldMs(valueOf) > valueOf('IDEMPOTENCY_LEASE_MS'),
    sentence: (valueOf) =>
      `BROKER_ACK_TIMEOUT_MS (${valueOf('BROKER_ACK_TIMEOUT_MS')}) leaves room to hold a delivery ${DELIVERIES_MAX} times, ${heldMs(valueOf)} ms in all, ` +
      `which must be above IDEMPOTENCY_LEASE_MS (${valueOf('IDEMPOTENCY_LEASE_MS')}): otherwise a short outage of the database makes dead letters`,
  },
  {
    name: 'a-step-is-asked-again-before-the-order-is-given-up',
    reads: ['SAGA_STEP_TIMEOUT_MS', 'SAGA_GIVE_UP_MS'],
    holds: (valueOf) => valueOf('SAGA_STEP_TIMEOUT_MS') < valueOf('SAGA_GIVE_UP_MS'),
    sentence: (valueOf) =>
      `SAGA_STEP_TIMEOUT_MS (${valueOf('SAGA_STEP_TIMEOUT_MS')}) must be below SAGA_GIVE_UP_MS (${valueOf('SAGA_GIVE_UP_MS')}): ` +
      'otherwise one lost message cancels an order',
  },
  {
    name: 'retries-end-before-the-provider-forgets-the-key',
    reads: ['PROVIDER_TIMEOUT_MS', 'RETRY_BACKOFF_MAX_MS', 'PROVIDER_KEY_LIFE_MS'],
    // Re-sending stops a margin before the key's life ends; a first try, one full pause and a second try must fit before that.
    holds: (valueOf) =>
      2 * valueOf('PROVIDER_TIMEOUT_MS') + valueOf('RETRY_BACKOFF_MAX_MS') < valueOf('PROVIDER_KEY_LIFE_MS'),
    sentence: (valueOf) =>
      `PROVIDER_KEY_LIFE_MS (${valueOf('PROVIDER_KEY_LIFE_MS')}) must be above two calls and one pause ` +
      `(2 × PROVIDER_TIMEOUT_MS ${valueOf('PROVIDER_TIMEOUT_MS')} + RETRY_BACKOFF_MAX_MS ${valueOf('RETRY_BACKOFF_MAX_MS')}): ` +
      'otherwise a retry reaches a provider that has forgotten the first try',
  },
];

function heldMs(valueOf: ValueOf): number {
  return DELIVERIES_MAX * deliveryHoldMs(valueOf('BROKER_ACK_TIMEOUT_MS'), valueOf('IDEMPOTENCY_LEASE_MS'));
}
