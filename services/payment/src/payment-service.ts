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
import type Stripe from 'stripe';
import { PaymentModule } from './payment.module.js';
import { PaymentDriver } from './payment/payment-driver.js';
import type { PaymentInput } from './payment/payment-work.js';
import { Payments } from './payment/payments.js';
import { AddPaymentUndecided1700000000110 } from './persistence/migrations/1700000000110-add-payment-undecided.js';
import { CreatePayment1700000000100 } from './persistence/migrations/1700000000100-create-payment.js';
import { CreateReconciliation1700000000120 } from './persistence/migrations/1700000000120-create-reconciliation.js';
import { LeaveRoomInPayment1700000000130 } from './persistence/migrations/1700000000130-leave-room-in-payment.js';
import { PaymentStore } from './persistence/payment-store.js';
import { GuardedClient } from './provider/guarded-client.js';
import { providerNews } from './provider/provider-news.js';
import { openStripe, StripeProvider } from './provider/stripe-provider.js';
import { ReconciliationStore } from './reconciliation/reconciliation-store.js';
import { Reconciliation } from './reconciliation/reconciliation.js';
import { Reconciler } from './reconciliation/reconciler.js';

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
  'RECONCILE_EVERY_MS',
  'RECONCILE_WINDOW_MS',
  'IDEMPOTENCY_WAIT_MS',
] as const;

const MIGRATIONS = [
  CreateIdempotencyRecord1700000000010,
  CreateOutboxMessage1700000000020,
  CreateFailedDelivery1700000000021,
  CreatePayment1700000000100,
  AddPaymentUndecided1700000000110,
  CreateReconciliation1700000000120,
  LeaveRoomInPayment1700000000130,
];

export async function startPaymentService(context: PaymentContext): Promise<RunningService> {
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
    paceMs: settings.batchPaceMs,
    waitMs: settings.idempotencyWaitMs,
    classify: classifyDatabaseError,
    onBatch: (size) => metrics.idempotency.batch(size),
  });
  const stripe = stripeOf(context, log);
  const provider = new StripeProvider(stripe);
  const submit = (input: PaymentInput) => payments.submit(input);
  const driver = new PaymentDriver(provider, submit, (orderId) => payments.recall(orderId));
  const books = new ReconciliationStore(session);
  const reconciliation = reconciliationOf(new Reconciler(provider, books, submit, driver.perform), books, context, log);
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
    {
      name: 'reconciliation',
      intervalMs: settings.reconcileEveryMs,
      runOnce: (signal: AbortSignal) => reconciliation.runOnce(signal),
    },
    { name: 'record-reaper', intervalMs: REAP_INTERVAL_MS, runOnce: (signal: AbortSignal) => reaper.drain(signal) },
  ];

  const module = PaymentModule.of({
    accounts: settings,
    payments,
    work,
    stripe,
    webhookSecret: settings.paymentWebhookSecret,
    deadLetters: new PostgresDeadLetterStore(session, queueOf('payment')),
    reconciliation,
  });
  return serve({ name: 'payment', database, messaging, work, agents, module, metrics }, settings, logger);
}

type PaymentContext = StartContext<(typeof PAYMENT_SETTINGS)[number]>;

function stripeOf({ settings, metrics }: PaymentContext, log: Logger): Stripe {
  const { paymentProviderKey: apiKey, paymentProviderUrl: url, providerTimeoutMs: timeoutMs } = settings;
  const bounds = { timeoutMs, backoffMaxMs: settings.retryBackoffMaxMs };
  return openStripe({ apiKey, url, timeoutMs, httpClient: new GuardedClient(bounds, providerNews(metrics, log)) });
}

function reconciliationOf(
  reconciler: Reconciler,
  books: ReconciliationStore,
  { settings, metrics }: PaymentContext,
  log: Logger,
): Reconciliation {
  metrics.gauge({
    name: 'reconciliation_drift_open',
    help: 'Payments that differ from what the provider has',
    collect: () => books.countOpen(),
  });
  const terms = { everyMs: settings.reconcileEveryMs, windowMs: settings.reconcileWindowMs };
  return new Reconciliation(reconciler, books, terms, (drift) =>
    log.error({ message: 'our books and the provider differ', ...drift }),
  );
}

/** Statements are short and batched, so a few sessions per process carry thousands of payments per second. */
const POOL_SIZE = 10;

/** Calls to the provider under way at a time, the bound that protects it and our memory when it is slow. */
const CALLS_AT_ONCE_MAX = 64;

/** Events are kept for weeks; a few seconds more are nothing, and a pass that finds none costs one look into an index. */
const REAP_INTERVAL_MS = 5_000;

/** Records of one statement, which takes some milliseconds; a full one is followed by the next at once. */
const REAP_MAX = 1_000;
