import { Logger } from '@nestjs/common';
import {
  CreateIdempotencyRecord1700000000010,
  PhasedExecutor,
  PostgresLeaseStore,
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
import { SmtpChannel } from './channel/smtp-channel.js';
import { Correspondences } from './correspondence/correspondences.js';
import { mailNews } from './correspondence/mail-news.js';
import { MailSender } from './correspondence/mail-sender.js';
import { NotificationModule } from './notification.module.js';
import { CorrespondenceStore } from './persistence/correspondence-store.js';
import { CreateCorrespondence1700000000100 } from './persistence/migrations/1700000000100-create-correspondence.js';
import { CreateMailAttempt1700000000110 } from './persistence/migrations/1700000000110-create-mail-attempt.js';
import { LeaveRoomInCorrespondence1700000000120 } from './persistence/migrations/1700000000120-leave-room-in-correspondence.js';

export const NOTIFICATION_SETTINGS = [
  ...MESSAGING_SETTINGS,
  'DATABASE_URL',
  'API_KEYS',
  'OPERATOR_KEY',
  'SMTP_URL',
  'IDEMPOTENCY_WAIT_MS',
] as const;

const MIGRATIONS = [
  CreateIdempotencyRecord1700000000010,
  CreateOutboxMessage1700000000020,
  CreateFailedDelivery1700000000021,
  CreateCorrespondence1700000000100,
  CreateMailAttempt1700000000110,
  LeaveRoomInCorrespondence1700000000120,
];

export async function startNotificationService(
  context: StartContext<(typeof NOTIFICATION_SETTINGS)[number]>,
): Promise<RunningService> {
  const { settings, logger, processName, metrics } = context;
  const log = new Logger('notification');
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
    { service: 'notification', destinations: ['order', 'notification'], ...messagingTerms(context) },
    session,
    metrics.messaging,
    fieldLogger('messaging'),
  );

  const lease = { holder: processName, leaseMs: settings.idempotencyLeaseMs };
  const terms = { lease, retentionMs: settings.eventRetentionMs };
  const correspondences = new Correspondences(new CorrespondenceStore(session, messaging.relay), terms, {
    batchMax: settings.batchMax,
    paceMs: settings.batchPaceMs,
    waitMs: settings.idempotencyWaitMs,
    classify: classifyDatabaseError,
    onBatch: (size) => metrics.idempotency.batch(size),
  });
  const channel = new SmtpChannel({
    url: settings.smtpUrl,
    timeoutMs: settings.idempotencyLeaseMs / 4,
    connectionsMax: MAILS_AT_ONCE_MAX,
  });
  const sender = new MailSender(channel, (input) => correspondences.submit(input), mailNews(metrics));
  const work = new PhasedExecutor(
    new PostgresLeaseStore(session, STEP_SCOPE),
    metrics.idempotency.watched(sender.perform),
    {
      ...lease,
      concurrencyMax: MAILS_AT_ONCE_MAX,
      backoffMsMax: settings.retryBackoffMaxMs,
      onError: (error, held) => log.warn({ message: 'mail work interrupted', error, step: held?.key }),
    },
  );
  const agents = [
    {
      name: 'rescuer',
      intervalMs: settings.outboxSweepMs,
      runOnce: () => metrics.idempotency.rescuing(work.runOnce()),
    },
  ];

  const module = NotificationModule.of({
    accounts: settings,
    correspondences,
    work,
    deadLetters: new PostgresDeadLetterStore(session, queueOf('notification')),
  });
  const finish = async (): Promise<void> => {
    await work.stop();
    channel.close();
  };
  const parts = { name: 'notification', database, messaging, work: { stop: finish }, agents, module, metrics };
  return serve(parts, settings, logger);
}

/** Statements are short and batched, so a few sessions per process carry thousands of mails per second. */
const POOL_SIZE = 10;

/** Mails under way at a time; mail servers limit the connections of one sender to about this. */
const MAILS_AT_ONCE_MAX = 16;
