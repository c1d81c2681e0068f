import { change, type Violation } from '../planting.js';
import { DECLINED } from '../sound-world.js';

/** Violations that only the caller who sent the requests can see. */
export const REQUEST_VIOLATIONS: Readonly<Record<string, Violation>> = {
  'acknowledged-orders-exist': {
    plant: (world) => change(world, 'request', { seq: 1 }, { order_id: 'lost', key: 'other key' }),
  },

  'an-end-is-final': { plant: (world) => change(world, 'request', { seq: 8 }, { order_status: 'pending' }) },

  'every-order-was-asked-for': {
    plant: (world) => {
      change(world, 'request', { seq: 4 }, { key: 'other key' });
    },
  },

  'nobody-sees-anothers-order': {
    plant: (world) => change(world, 'request', { seq: 8 }, { account: 'acme' }),
  },

  'one-answer-per-key': { plant: (world) => change(world, 'request', { seq: 2 }, { body_digest: 'other bytes' }) },

  'one-request-per-key': {
    plant: (world) => change(world, 'request', { seq: 2 }, { fingerprint: 'another wish' }),
  },

  'refused-requests-left-nothing': {
    plant: (world) => change(world, 'request', { order_id: DECLINED }, { status: 422, order_id: null }),
  },
};
