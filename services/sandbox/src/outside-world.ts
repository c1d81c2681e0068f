import { Pool } from 'pg';
import { Faults } from './faults/faults.js';
import { Connections } from './http/connection.js';
import { JournalSession } from './ledger/journal-session.js';
import { Journal } from './ledger/journal.js';
import { Sequences } from './ledger/sequences.js';
import { MailServer } from './mailbox/mail-server.js';
import { Mailbox } from './mailbox/mailbox.js';
import { AuthorisationSweep } from './payment-provider/authorisation-sweep.js';
import { Authorisations } from './payment-provider/authorisations.js';
import { CallExecution } from './payment-provider/call-execution.js';
import { IntentStore } from './payment-provider/intent-store.js';
import { KeyGuard } from './payment-provider/key-guard.js';
import { Listings } from './payment-provider/listings.js';
import { PaymentProvider } from './payment-provider/payment-provider.js';
import { ProviderMemory } from './payment-provider/provider-memory.js';
import { StickyAnswers } from './payment-provider/sticky-answers.js';
import { ReceiverGate } from './webhooks/receiver-gate.js';
import { WebhookAttempt } from './webhooks/webhook-attempt.js';
import { WebhookDispatcher } from './webhooks/webhook-dispatcher.js';
import { WebhookSender } from './webhooks/webhook-sender.js';
import { Patience } from './world/patience.js';
import { World } from './world/world.js';

/** Webhooks under way at once; Stripe sends more, and a receiver has to bear that it does. */
const WEBHOOKS_UNDERWAY_MAX = 32;

export interface OutsideWorld {
  readonly pool: Pool;
  readonly journal: Journal;
  readonly faults: Faults;
  readonly world: World;
  readonly provider: PaymentProvider;
  readonly connections: Connections;
  readonly patience: Patience;
  readonly mailServer: MailServer;
  /** Whether its records can be read and written. */
  check(): Promise<{ readonly isUp: boolean }>;
  /** Ends everything in the order in which it depends on each other; what was answered is on disk before and after. */
  close(): Promise<void>;
}

export interface OutsideWorldOptions {
  readonly databaseUrl: string;
  readonly webhookUrl: string;
  readonly webhookSecret: string;
  readonly log: (message: string) => void;
  /** The journal can not be written any more: what is in memory must not be believed. */
  readonly onBroken: (error: Error) => void;
}

/** Takes possession of the database and continues the world that is in it. */
export async function openOutsideWorld(options: OutsideWorldOptions): Promise<OutsideWorld> {
  const { databaseUrl, webhookUrl, webhookSecret, log, onBroken } = options;
  const clock = Date.now;
  const session = new JournalSession({ databaseUrl, log });
  await session.open();
  const pool = new Pool({
    connectionString: databaseUrl,
    max: 4,
    application_name: 'sandbox',
    statement_timeout: 30_000,
  });
  pool.on('error', (error) => log(`an idle connection to the database broke: ${error.message}`));

  const journal = new Journal(session, { onBroken });
  const sequences = await Sequences.load(pool);
  const faults = new Faults(pool);
  const world = new World(pool);
  const patience = new Patience();
  const answers = new StickyAnswers(pool);
  const authorisations = new Authorisations(pool, world);
  await Promise.all([faults.load(), world.load(), answers.loadNewest(), authorisations.load()]);

  const sender = new WebhookSender(webhookUrl, webhookSecret, clock, WEBHOOKS_UNDERWAY_MAX);
  const attempts = new WebhookAttempt(journal, sequences, sender, webhookSecret, clock);
  const dispatcher = new WebhookDispatcher(pool, faults, attempts, new ReceiverGate(WEBHOOKS_UNDERWAY_MAX), clock, log);

  const intents = new IntentStore(pool);
  const memory = new ProviderMemory(journal, sequences, intents, authorisations, dispatcher);
  const listings = new Listings(pool, world, clock);
  const execution = new CallExecution(memory, intents, answers, authorisations, listings, clock);
  const keys = new KeyGuard(answers, world, clock);
  const provider = new PaymentProvider(
    journal,
    memory,
    intents,
    answers,
    keys,
    execution,
    faults,
    world,
    patience,
    clock,
  );
  const sweep = new AuthorisationSweep(authorisations, intents, execution, clock, log);
  const mailServer = new MailServer(new Mailbox(journal, sequences, faults, clock), patience, log);

  sweep.start();
  await dispatcher.start();

  const check = async (): Promise<{ readonly isUp: boolean }> => {
    await pool.query('select 1');
    return { isUp: !journal.isFull };
  };
  const close = async (): Promise<void> => {
    sweep.stop();
    dispatcher.stop();
    await mailServer.close();
    await sender.close();
    await journal.flush();
    await session.close();
    await pool.end();
  };
  return { pool, journal, faults, world, provider, connections: new Connections(), patience, mailServer, check, close };
}
