import { add, change, remove, rowsOf, type Violation } from '../planting.js';
import { CONFIRMED, DECLINED, mail, mailAttempt, REFUNDED, sagaIdOf, stepRecord } from '../sound-world.js';

/** Violations of how messages, mails and work in hand are settled. */
export const MESSAGE_VIOLATIONS: Readonly<Record<string, Violation>> = {
  'accepted-events-are-recorded': { plant: (world) => remove(world, 'idempotency_record', { key: 'evt_1' }) },

  'commands-and-records-agree': {
    // A command that was lost although its saga was answered, and one that nobody sent.
    plant: (world) => {
      remove(world, 'idempotency_record', { key: `${sagaIdOf(CONFIRMED, 'checkout')}/capture-payment/action/1` });
      add(world, 'idempotency_record', stepRecord(CONFIRMED, 'checkout', 'forged-step'));
    },
    rows: 2,
  },

  'dead-letters-explained': {
    plant: (world) => {
      const dead = { service: 'payment', queue: 'once.payment', dead_lettered_at: '2026-01-01T12:00:00Z' };
      add(world, 'failed_delivery', { ...dead, id: 'unexplained' });
      add(world, 'failed_delivery', {
        ...dead,
        id: 'explained',
        discarded_at: '2026-01-01T13:00:00Z',
        discard_note: 'ours',
      });
      change(world, 'queue', { is_dead_letter: true }, { ready: 1 });
    },
    rows: 2,
  },

  'mails-are-decided': {
    plant: (world) => change(world, 'correspondence', { order_id: CONFIRMED }, { cancellation_status: 'queued' }),
  },

  'mails-follow-the-send-ledger': {
    // A copy that nobody sent, and a mail that the server took and that is not there.
    plant: (world) => {
      add(world, 'mail', mail(6, DECLINED, 'cancelled'));
      add(world, 'mail_attempt', mailAttempt(REFUNDED, 'cancelled', 'sent'));
    },
    rows: 2,
  },

  'mails-reach-the-right-customer': {
    // A stranger reads it; and two mails share a Message-ID, so a mailbox may drop one as a copy of the other.
    plant: (world) => {
      change(world, 'mail', { order_id: CONFIRMED }, { recipient: 'eve@example.com' });
      change(world, 'mail', { order_id: REFUNDED }, { message_id: '<shared>' });
    },
    rows: 3,
  },

  'no-delivery-waits-for-a-retry': {
    plant: (world) =>
      add(world, 'failed_delivery', { service: 'order', id: 'waiting', next_attempt_at: '2026-01-01T12:00:00Z' }),
  },

  'no-transaction-left-open': {
    plant: (world) => add(world, 'open_transaction', { service: 'order', what: 'idle in transaction', open_s: 6 }),
  },

  'nothing-in-progress-without-a-lease': {
    plant: (world) =>
      add(world, 'idempotency_record', {
        service: 'payment',
        scope: 'elsewhere',
        key: 'abandoned',
        lease_expires_at: '2026-01-01T12:00:00Z',
        is_finished: false,
      }),
  },

  'one-mail-per-transition': {
    // The same words once more, under another Message-ID.
    plant: (world) => {
      add(world, 'mail', { ...mail(6, CONFIRMED, 'confirmed'), message_id: '<again>' });
      add(world, 'mail_attempt', mailAttempt(CONFIRMED, 'confirmed', 'sent'));
    },
  },

  'outbox-drained': {
    plant: (world) =>
      add(world, 'outbox_message', { service: 'order', id: 'unsent', created_at: '2026-01-01T12:00:00Z' }),
  },

  'queues-are-consumed': {
    plant: (world) => {
      change(world, 'queue', { name: 'once.order' }, { consumers: 2 });
      add(world, 'queue', {
        ...rowsOf(world, 'queue')[0],
        name: 'once.payment',
        consumers: 0,
        expected_consumers: null,
      });
    },
    rows: 2,
  },

  'queues-empty': { plant: (world) => change(world, 'queue', { name: 'once.order' }, { unacknowledged: 1 }) },

  'the-database-decides-races': {
    plant: (world) => change(world, 'unique_index', { service: 'order', relation: 'saga' }, { is_partial: false }),
  },
};
