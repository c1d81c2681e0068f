/**
 * How long a delivery is held while the database is away, before the broker gets it back. A handler may have worked for a
 * whole lease before the hold begins, and both must end before the broker loses patience and closes the channel.
 */
export function deliveryHoldMs(brokerAckTimeoutMs: number, leaseMs: number): number {
  return Math.max(0, Math.min(HOLD_MS_MAX, (brokerAckTimeoutMs - leaseMs) / 2));
}

/** Twenty times this is the outage that no message notices: ten minutes. */
const HOLD_MS_MAX = 30_000;

/** Deliveries that the queues allow a message; each hold that ends without the database costs one. */
export const DELIVERIES_MAX = 20;
