import { z } from 'zod';
import { apiKeys, brokerUrl, count, databaseUrl, durationMs, httpUrl, mailUrl, secret } from './setting-schemas.js';

/**
 * Every setting of every service, in the order of `.env.example`, which a test compares with this list.
 *
 * `standard` is what an unset variable means, written as in the environment. An empty variable counts as unset, unless
 * `emptyMeans` says what emptiness stands for.
 */
export interface SettingDefinition {
  readonly schema: z.ZodType;
  readonly unit: string;
  readonly standard: string;
  readonly description: string;
  readonly emptyMeans?: string;
}

export const settingDefinitions = {
  NODE_ENV: {
    schema: z.enum(['development', 'test', 'production']),
    unit: 'name',
    standard: 'development',
    description: 'production refuses every development value below',
  },
  LOG_LEVEL: {
    schema: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']),
    unit: 'name',
    standard: 'info',
    description: 'the least severe log line that is written',
  },
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    schema: z.union([z.literal(''), httpUrl]),
    unit: 'URL',
    standard: '',
    description: 'the OpenTelemetry collector that spans are posted to, as OTLP over HTTP',
    emptyMeans: 'no spans are recorded; traces are passed on all the same',
  },
  HOST: {
    schema: z.string().min(1),
    unit: 'address',
    standard: '127.0.0.1',
    description: 'address to listen on; 0.0.0.0 in a container',
  },
  PORT: {
    schema: count(0, 65_535),
    unit: 'port',
    standard: '3000',
    description: 'HTTP port; payment 3001, notification 3002, sandbox 3003 when unset',
  },
  REPLICA: {
    schema: count(0, 999),
    unit: 'count',
    standard: '0',
    description: 'which replica of its service this process is, from 0; shown in timelines and logs',
  },
  DATABASE_URL: {
    schema: databaseUrl,
    unit: 'URL',
    standard: 'postgres://once:once@127.0.0.1:3032/once_order',
    description: "the service's own database; once_payment, once_notification, once_sandbox in the others when unset",
  },
  AMQP_URL: {
    schema: brokerUrl,
    unit: 'URL',
    standard: 'amqp://guest:guest@127.0.0.1:3072',
    description: 'the RabbitMQ broker',
  },
  AMQP_MANAGEMENT_URL: {
    schema: httpUrl,
    unit: 'URL',
    standard: 'http://guest:guest@127.0.0.1:3073',
    description: "the broker's management API, for reports and chaos runs",
  },
  PAYMENT_PROVIDER_URL: {
    schema: z.union([z.literal(''), httpUrl]),
    unit: 'URL',
    standard: 'http://127.0.0.1:3003',
    description: 'the payment provider; the sandbox when unset',
    emptyMeans: 'Stripe itself',
  },
  PAYMENT_PROVIDER_KEY: {
    schema: secret,
    unit: 'secret',
    standard: 'sk_test_sandbox',
    description: 'our key at the payment provider',
  },
  PAYMENT_WEBHOOK_SECRET: {
    schema: secret,
    unit: 'secret',
    standard: 'whsec_sandbox',
    description: 'signs what the payment provider sends to /webhooks/stripe',
  },
  SMTP_URL: {
    schema: mailUrl,
    unit: 'URL',
    standard: 'smtp://127.0.0.1:3025',
    description: 'the mail server; the sandbox when unset',
  },
  API_KEYS: {
    schema: apiKeys,
    unit: 'account=key,…',
    standard: 'demo=sk_demo,acme=sk_acme',
    description: "the customers' accounts and their keys",
  },
  OPERATOR_KEY: {
    schema: secret,
    unit: 'secret',
    standard: 'op_demo',
    description: 'opens the /operator routes',
  },
  IDEMPOTENCY_LEASE_MS: {
    schema: durationMs,
    unit: 'ms',
    standard: '30000',
    description: 'how long a worker may own an operation; every database statement is ended before half of it',
  },
  IDEMPOTENCY_WAIT_MS: {
    schema: durationMs,
    unit: 'ms',
    standard: '1000',
    description: 'how long a twin of an unfinished request waits for its answer before it gets 409',
  },
  IDEMPOTENCY_RETENTION_MS: {
    schema: durationMs,
    unit: 'ms',
    standard: '86400000',
    description: 'how long an answer can be replayed (24 h); later the key answers 410',
  },
  EVENT_RETENTION_MS: {
    schema: durationMs,
    unit: 'ms',
    standard: '3024000000',
    description:
      'how long events and saga commands count as new (35 days); older ones are not acted on, except to give money back',
  },
  SAGA_STEP_TIMEOUT_MS: {
    schema: durationMs,
    unit: 'ms',
    standard: '5000',
    description: 'silence after which a step is asked for again',
  },
  SAGA_GIVE_UP_MS: {
    schema: durationMs,
    unit: 'ms',
    standard: '120000',
    description: 'silence after which an order that is not yet paid is undone',
  },
  PROVIDER_TIMEOUT_MS: {
    schema: durationMs,
    unit: 'ms',
    standard: '8000',
    description: 'how long one call to the payment provider may take before its outcome counts as unknown',
  },
  PROVIDER_KEY_LIFE_MS: {
    schema: durationMs,
    unit: 'ms',
    standard: '86400000',
    description: 'how long the provider remembers an idempotency key (24 h)',
  },
  RECONCILE_EVERY_MS: {
    schema: durationMs,
    unit: 'ms',
    standard: '900000',
    description: "pause between two comparisons of our books with the provider's list (15 min), over all replicas",
  },
  RECONCILE_WINDOW_MS: {
    schema: durationMs,
    unit: 'ms',
    standard: '86400000',
    description: 'how far back such a comparison looks (24 h)',
  },
  OUTBOX_SWEEP_MS: {
    schema: durationMs,
    unit: 'ms',
    standard: '1000',
    description: 'pause between two searches for messages that were committed and not published',
  },
  OUTBOX_POLL_MS: {
    schema: count(0, 60_000),
    unit: 'ms',
    standard: '0',
    description:
      'above 0, messages leave only by reading the outbox this often, for comparison; 0: right after their commit',
  },
  OUTBOX_MAX_ROWS: {
    schema: count(1, 100_000_000),
    unit: 'count',
    standard: '100000',
    description: 'unpublished messages at which new orders are refused',
  },
  RETRY_BACKOFF_MAX_MS: {
    schema: durationMs,
    unit: 'ms',
    standard: '30000',
    description: 'the longest pause between two tries of the same work',
  },
  BROKER_ACK_TIMEOUT_MS: {
    schema: durationMs,
    unit: 'ms',
    standard: '1800000',
    description: "the broker's consumer_timeout: an unacknowledged delivery older than this is taken back (30 min)",
  },
  BATCH_MAX: {
    schema: count(1, 1_000),
    unit: 'count',
    standard: '50',
    description: 'how many waiting operations share one statement at most',
  },
  BATCH_PACE_MS: {
    schema: count(0, 1_000),
    unit: 'ms',
    standard: '25',
    description: 'under load, how far apart batches begin; 0: each one as soon as the last is committed',
  },
  RATE_LIMIT_PER_SECOND: {
    schema: count(0, 1_000_000),
    unit: 'count',
    standard: '0',
    description: 'requests per account and second, per process; 0 is off, which production refuses',
  },
  SMTP_PORT: {
    schema: count(0, 65_535),
    unit: 'port',
    standard: '3025',
    description: "port of the sandbox's mailbox",
  },
  SANDBOX_WEBHOOK_URL: {
    schema: httpUrl,
    unit: 'URL',
    standard: 'http://127.0.0.1:3001/webhooks/stripe',
    description: 'where the sandbox delivers its webhooks',
  },
} as const satisfies Record<string, SettingDefinition>;

export type SettingName = keyof typeof settingDefinitions;
