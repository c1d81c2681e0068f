import { DELIVERY_LIMIT } from '@once/messaging';
import { DELIVERIES_MAX } from '@once/service-kit';
import { expect, it } from 'vitest';

it('checks its windows against the delivery limit that its queues have', () => {
  expect(DELIVERIES_MAX).toBe(DELIVERY_LIMIT);
});
