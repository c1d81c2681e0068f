import type { ReceivedDelivery } from '../delivery.js';

/** Why the broker dead-lettered a message, in words. Headers are written by strangers too, so nothing is assumed. */
export function deathReasonOf(delivery: ReceivedDelivery): string {
  const { headers } = delivery.properties;
  const reason =
    typeof headers === 'object' && headers !== null && 'x-first-death-reason' in headers
      ? headers['x-first-death-reason']
      : undefined;
  return typeof reason === 'string' ? `dead-lettered by the broker: ${reason}` : 'found in the dead-letter queue';
}
