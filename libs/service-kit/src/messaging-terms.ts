import type { StartContext } from './run-service.js';
import { deliveryHoldMs } from './settings/delivery-hold.js';
import { traced } from './tracing/tracing.js';

/** What every service reads that sends and receives messages. */
export const MESSAGING_SETTINGS = [
  'AMQP_URL',
  'BATCH_MAX',
  'BATCH_PACE_MS',
  'BROKER_ACK_TIMEOUT_MS',
  'EVENT_RETENTION_MS',
  'IDEMPOTENCY_LEASE_MS',
  'OUTBOX_MAX_ROWS',
  'OUTBOX_POLL_MS',
  'OUTBOX_SWEEP_MS',
  'RETRY_BACKOFF_MAX_MS',
] as const;

export interface MessagingTerms {
  readonly processName: string;
  readonly urls: readonly string[];
  readonly sweepMs: number;
  readonly pollMs: number;
  readonly backoffMaxMs: number;
  readonly handlerMs: number;
  readonly holdMs: number;
  readonly batchMax: number;
  readonly outboxRowsMax: number;
  readonly retentionMs: number;
  /** Handles a message as work of the trace that sent it. */
  around<Result>(envelope: TracedEnvelope, handle: (traceparent: string) => Promise<Result>): Promise<Result>;
}

interface TracedEnvelope {
  readonly id: string;
  readonly type: string;
  readonly sagaId: string | null;
  readonly traceparent: string | null;
}

/** The settings in the form that a messaging library takes, the same in every service. */
export function messagingTerms({
  settings,
  processName,
}: StartContext<(typeof MESSAGING_SETTINGS)[number]>): MessagingTerms {
  return {
    processName,
    urls: [settings.amqpUrl],
    sweepMs: settings.outboxSweepMs,
    pollMs: settings.outboxPollMs,
    backoffMaxMs: settings.retryBackoffMaxMs,
    // A handler works under a lease, or commits within a fraction of one.
    handlerMs: settings.idempotencyLeaseMs,
    holdMs: deliveryHoldMs(settings.brokerAckTimeoutMs, settings.idempotencyLeaseMs),
    batchMax: settings.batchMax,
    outboxRowsMax: settings.outboxMaxRows,
    retentionMs: settings.eventRetentionMs,
    around: ({ id, type, sagaId, traceparent }, handle) =>
      traced(
        `handle ${type}`,
        'consumer',
        traceparent,
        { 'messaging.system': 'rabbitmq', 'messaging.message.id': id, 'once.saga.id': sagaId ?? 'none' },
        handle,
      ),
  };
}
