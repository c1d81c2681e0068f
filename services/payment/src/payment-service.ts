import { Logger } from '@nestjs/common';
import {
  CreateIdempotencyRecord1700000000010,
  PhasedExecutor,
  PostgresLeaseStore,
  PostgresRecordReaper,
  STEP_SCOPE,
} from '@once/idempotency';
import {
  CreateFailedDelivery1700000000021,
  CreateOutboxMessage1700000000020,
  Messaging,
  PostgresDeadLetterStore,
  queueOf,
} from '@once/messaging';
import {
  classifyDatabaseError,
  fieldLogger,
  MESSAGING_SETTINGS,
  messagingTerms,
  openDatabase,
  pgSession,
  serve,
  type RunningService,
  type StartContext,
} from '@once/service-kit';
import { PaymentModule } from './payment.module.js';
import { PaymentDriver } from './payment/payment-driver.js';
import { Payments } from './payment/payments.js';
import { AddPaymentUndecided1700000000110 } from './persistence/migrations/1700000000110-add-payment-undecided.js';
import { CreatePayment1700000000100 } from './persistence/migrations/1700000000100-create-payment.js';
import { PaymentStore } from './persistence/payment-store.js';
import { GuardedClient, type ProviderNews } from './provider/guarded-client.js';
import { openStripe, StripeProvider } from './provider/stripe-provider.js';

export const PAYMENT_SETTINGS = [
  ...MESSAGING_SETTINGS,
  'DATABASE_URL',
  'API_KEYS',
  'OPERATOR_KEY',
  'PAYMENT_PROVIDER_URL',
  'PAYMENT_PROVIDER_KEY',
  'PAYMENT_WEBHOOK_SECRET',
  'PROVIDER_TIMEOUT_MS',
  'PROVIDER_KEY_LIFE_MS',
  'IDEMPOTENCY_WAIT_MS',
] as const;

const MIGRATIONS = [
  CreateIdempotencyRecord1700000000010,
  CreateOutboxMessage1700000000020,
  CreateFailedDelivery1700000000021,
  CreatePayment1700000000100,
  AddPaymentUndecided1700000000110,
];

export async function startPaymentService(
  context: StartContext<(typeof PAYMENT_SETTINGS)[number]>,
): Promise<RunningService> {
  const { settings, logger, processName, metrics } = context;
  const log = new Logger('payment');
  const database = await openDatabase({
    url: settings.databaseUrl,
    applicationName: processName,
    migrations: MIGRATIONS,
    entities: [],
    poolSize: POOL_SIZE,
    leaseMs: settings.idempotencyLeaseMs,
  });
  const session = pgSession(database);
  const messaging = new Messaging(
    { service: 'payment', destinations: ['order', 'payment'], ...messagingTerms(context) },
    session,
    metrics.messaging,
    fieldLogger('messaging'),
  );

  const lease = { holder: processName, leaseMs: settings.idempotencyLeaseMs };
  const terms = { lease, retentionMs: settings.eventRetentionMs };
  const payments = new Payments(new PaymentStore(session, messaging.relay), terms, {
    batchMax: settings.batchMax,
    waitMs: settings.idempotencyWaitMs,
    classify: classifyDatabaseError,
    onBatch: (size) => metrics.idempotency.batch(size),
  });
  const timeoutMs = settings.providerTimeoutMs;
  const wire = new GuardedClient({ timeoutMs, backoffMaxMs: settings.retryBackoffMaxMs }, (news) => report(news, log));
  const stripe = openStripe({
    apiKey: settings.paymentProviderKey,
    url: settings.paymentProviderUrl,
    timeoutMs,
    httpClient: wire,
  });
  const driver = new PaymentDriver(new StripeProvider(stripe), (input) => payments.submit(input));
  const work = new PhasedExecutor(
    new PostgresLeaseStore(session, STEP_SCOPE),
    metrics.idempotency.watched(driver.perform),
    {
      ...lease,
      concurrencyMax: CALLS_AT_ONCE_MAX,
      backoffMsMax: settings.retryBackoffMaxMs,
      onError: (error, held) => log.warn({ message: 'payment work interrupted', error, step: held?.key }),
    },
  );
  const reaper = new PostgresRecordReaper(session, REAP_MAX);
  const agents = [
    {
      name: 'rescuer',
      intervalMs: settings.outboxSweepMs,
      runOnce: () => metrics.idempotency.rescuing(work.runOnce()),
    },
    { name: 'record-reaper', intervalMs: REAP_INTERVAL_MS, runOnce: () => reaper.runOnce() },
  ];

  const module = PaymentModule.of({
    accounts: settings,
    payments,
    work,
    stripe,
    webhookSecret: settings.paymentWebhookSecret,
    deadLetters: new PostgresDeadLetterStore(session, queueOf('payment')),
  });
  return serve({ name: 'payment', database, messaging, work, agents, module, metrics }, settings, logger);
}

/** Nobody's order is decided by these, and an operator should know of them. */
function report(news: ProviderNews, log: Logger): void {
  switch (news.kind) {
    case 'down':
      return log.warn({ message: 'the provider is down; until it is back, one request at a time is sent' });
    case 'back':
      return log.log({ message: 'the provider is back' });
    case 'key-refused':
      return log.error({
        message: 'the provider refuses our key; orders wait for PAYMENT_PROVIDER_KEY to be mended',
        ...news,
      });
  }
}

/** Statements are short and batched, so a few sessions per process carry thousands of payments per second. */
const POOL_SIZE = 10;

/** Calls to the provider under way at a time, the bound that protects it and our memory when it is slow. */
const CALLS_AT_ONCE_MAX = 64;

/** Events are kept for weeks; a few seconds more are nothing, and a pass that finds none costs one look into an index. */
const REAP_INTERVAL_MS = 5_000;

/** Two hundred a second and replica, in statements of some milliseconds. */
const REAP_MAX = 1_000;
