import type { Instruments } from './instruments.js';

/**
 * What a messaging library tells, as numbers. It has the form of that library's observer without naming it: libraries do
 * not import each other. All counts are of messages, however many of them travelled together.
 */
export function messagingMetrics(metrics: Instruments): MessagingMetrics {
  const outbox = outboxMetrics(metrics);
  const sending = sendingMetrics(metrics);
  const receiving = receivingMetrics(metrics);
  const connections = metrics.gauge({
    name: 'once_messaging_connection_state',
    help: '1 for the state that a connection to the broker is in: up, down, or blocked by an alarm',
    labels: ['role', 'state'],
  });
  return {
    ...outbox,
    ...sending,
    ...receiving,
    connectionChanged: (role, current) => {
      for (const state of CONNECTION_STATES) connections.set({ role, state }, state === current ? 1 : 0);
    },
  };
}

export interface MessagingMetrics {
  published(destination: string, by: string, messages: number): void;
  confirmed(destination: string, messages: number): void;
  returned(destination: string, messages: number): void;
  publishFailed(destination: string, messages: number): void;
  leftToSweep(count: number): void;
  outboxSampled(rows: number, oldestAgeMs: number): void;
  received(isRedelivered: boolean, messages: number): void;
  handled(type: string, verdict: string, durationMs: number): void;
  deadLettered(reason: string): void;
  requeued(): void;
  connectionChanged(role: string, state: string): void;
}

function outboxMetrics(metrics: Instruments): Pick<MessagingMetrics, 'outboxSampled' | 'leftToSweep'> {
  const rows = metrics.gauge({ name: 'once_outbox_rows', help: 'Messages that wait to leave, as last sampled' });
  const age = metrics.gauge({
    name: 'once_outbox_oldest_age_seconds',
    help: 'Age of the oldest message that waits to leave, 0 when there is none',
  });
  const left = metrics.counter({
    name: 'once_outbox_left_to_sweep_total',
    help: 'Messages that were not published right after their commit and wait for the sweep',
  });
  return {
    outboxSampled: (count, oldestAgeMs) => {
      rows.set(count);
      age.set(oldestAgeMs / 1_000);
    },
    leftToSweep: (count) => left.inc(count),
  };
}

function sendingMetrics(
  metrics: Instruments,
): Pick<MessagingMetrics, 'published' | 'confirmed' | 'returned' | 'publishFailed'> {
  const published = metrics.counter({
    name: 'once_messaging_published_total',
    help: 'Messages handed to the broker, right after their commit or by the sweep',
    labels: ['destination', 'by'],
  });
  const together = metrics.sizeHistogram({
    name: 'once_messaging_sent_envelope_size',
    help: 'Messages that left in one broker message',
    labels: ['destination'],
  });
  const counter = (name: string, help: string) => metrics.counter({ name, help, labels: ['destination'] });
  const confirmed = counter('once_messaging_confirmed_total', 'Messages that the broker has stored in a queue');
  const returned = counter('once_messaging_returned_total', 'Messages that the broker had no queue for');
  const failed = counter('once_messaging_publish_failed_total', 'Messages refused, or not confirmed in time');
  return {
    published: (destination, by, messages) => {
      published.inc({ destination, by }, messages);
      together.observe({ destination }, messages);
    },
    confirmed: (destination, messages) => confirmed.inc({ destination }, messages),
    returned: (destination, messages) => returned.inc({ destination }, messages),
    publishFailed: (destination, messages) => failed.inc({ destination }, messages),
  };
}

function receivingMetrics(
  metrics: Instruments,
): Pick<MessagingMetrics, 'received' | 'handled' | 'deadLettered' | 'requeued'> {
  const received = metrics.counter({ name: 'once_messaging_received_total', help: 'Messages that arrived' });
  const redelivered = metrics.counter({
    name: 'once_messaging_redelivered_total',
    help: 'Messages among them that the broker had delivered before',
  });
  const together = metrics.sizeHistogram({
    name: 'once_messaging_received_envelope_size',
    help: 'Messages that arrived in one broker message',
  });
  const handled = metrics.durationHistogram({
    name: 'once_messaging_handle_duration_seconds',
    help: 'Time a handler took, by the type of the message and its verdict: done, retry, refuse',
    labels: ['type', 'verdict'],
  });
  const dead = metrics.counter({
    name: 'once_messaging_dead_lettered_total',
    help: 'Messages that became dead letters, by why',
    labels: ['reason'],
  });
  const requeued = metrics.counter({
    name: 'once_messaging_requeued_total',
    help: 'Messages given back to the broker because the database could not be written',
  });
  return {
    received: (isRedelivered, messages) => {
      received.inc(messages);
      if (isRedelivered) redelivered.inc(messages);
      together.observe(messages);
    },
    handled: (type, verdict, durationMs) => handled.observe({ type, verdict }, durationMs / 1_000),
    deadLettered: (reason) => dead.inc({ reason }),
    requeued: () => requeued.inc(),
  };
}

const CONNECTION_STATES = ['up', 'down', 'blocked'] as const;
