import { CreateIdempotencyRecord1700000000010, PostgresRecordReaper } from '@once/idempotency';
import {
  CreateFailedDelivery1700000000021,
  CreateOutboxMessage1700000000020,
  Messaging,
  PostgresDeadLetterStore,
  queueOf,
} from '@once/messaging';
import { CreateSaga1700000000030, type SagaTiming } from '@once/saga';
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
import { checkoutSaga, refundSaga } from './checkout-saga/checkout.saga.js';
import { SagaTimer } from './checkout-saga/saga-timer.js';
import { OrderModule } from './order.module.js';
import { OrderLookup } from './operator/order-lookup.js';
import { PaymentQuestion } from './operator/payment-question.js';
import { SagaReader } from './operator/saga-reader.js';
import { CreateOrder1700000000100 } from './persistence/migrations/1700000000100-create-order.js';
import { LeaveRoomInCustomerOrder1700000000110 } from './persistence/migrations/1700000000110-leave-room-in-customer-order.js';
import { OrderExecutors } from './persistence/order-executors.js';
import { OrderReader } from './persistence/order-reader.js';
import { OrderStore } from './persistence/order-store.js';
import { StockShelf } from './set-stock/stock-shelf.js';
import { seedStock } from './persistence/stock-seed.js';

export const ORDER_SETTINGS = [
  ...MESSAGING_SETTINGS,
  'DATABASE_URL',
  'API_KEYS',
  'OPERATOR_KEY',
  'IDEMPOTENCY_WAIT_MS',
  'IDEMPOTENCY_RETENTION_MS',
  'SAGA_STEP_TIMEOUT_MS',
  'SAGA_GIVE_UP_MS',
  'RATE_LIMIT_PER_SECOND',
] as const;

const MIGRATIONS = [
  CreateIdempotencyRecord1700000000010,
  CreateOutboxMessage1700000000020,
  CreateFailedDelivery1700000000021,
  CreateSaga1700000000030,
  CreateOrder1700000000100,
  LeaveRoomInCustomerOrder1700000000110,
];

export async function startOrderService(
  context: StartContext<(typeof ORDER_SETTINGS)[number]>,
): Promise<RunningService> {
  const { settings, logger, processName, metrics } = context;
  const database = await openDatabase({
    url: settings.databaseUrl,
    applicationName: processName,
    migrations: MIGRATIONS,
    entities: [],
    poolSize: POOL_SIZE,
    leaseMs: settings.idempotencyLeaseMs,
  });
  const session = pgSession(database);
  if (settings.nodeEnv !== 'production') await seedStock(session);

  const messaging = new Messaging(
    { service: 'order', destinations: ['order', 'payment', 'notification'], ...messagingTerms(context) },
    session,
    metrics.messaging,
    fieldLogger('messaging'),
  );
  const timing: Partial<SagaTiming> = {
    stepTimeoutMs: settings.sagaStepTimeoutMs,
    backoffMaxMs: settings.retryBackoffMaxMs,
    giveUpAfterMs: settings.sagaGiveUpMs,
  };
  const store = new OrderStore(session, messaging.relay, { service: 'order', replica: settings.replica });
  const executors = new OrderExecutors(store, {
    checkout: checkoutSaga(timing),
    refund: refundSaga(timing),
    retentionMs: settings.idempotencyRetentionMs,
    batchMax: settings.batchMax,
    paceMs: settings.batchPaceMs,
    waitMs: settings.idempotencyWaitMs,
    classify: classifyDatabaseError,
    onBatch: (size) => metrics.idempotency.batch(size),
  });
  const timer = new SagaTimer(session, executors, messaging.outbox);
  const reaper = new PostgresRecordReaper(session, REAP_MAX);
  const agents = [
    { name: 'saga-timer', intervalMs: TIMER_INTERVAL_MS, runOnce: () => timer.runOnce() },
    { name: 'record-reaper', intervalMs: REAP_INTERVAL_MS, runOnce: (signal: AbortSignal) => reaper.drain(signal) },
  ];

  const reader = new OrderReader(session);
  const sagas = new SagaReader(session);
  const module = OrderModule.of({
    accounts: settings,
    requestsPerSecond: settings.rateLimitPerSecond,
    executors,
    outbox: messaging.outbox,
    reader,
    shelf: new StockShelf(session),
    lookup: new OrderLookup(session),
    sagas,
    question: new PaymentQuestion((happening) => executors.saga.submit(happening), sagas, settings.idempotencyLeaseMs),
    deadLetters: new PostgresDeadLetterStore(session, queueOf('order')),
  });
  return serve({ name: 'order', database, messaging, agents, module, metrics }, settings, logger);
}

/** Statements are short and batched, so a few sessions per process carry thousands of orders per second. */
const POOL_SIZE = 10;

/** A look every quarter of a second costs one indexed read, and delays no timer by more than that. */
const TIMER_INTERVAL_MS = 250;

/** Keys are kept for a day; a few seconds more are nothing, and a pass that finds none costs one look into an index. */
const REAP_INTERVAL_MS = 5_000;

/** Records of one statement, which takes some milliseconds; a full one is followed by the next at once. */
const REAP_MAX = 1_000;
