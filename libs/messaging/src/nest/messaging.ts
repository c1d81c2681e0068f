import type { AroundHandler } from '../delivery.js';
import type { Logger } from '../logger.js';
import type { MessagingObserver } from '../observer.js';
import type { ConnectionState } from '../publisher.js';
import { OutboxGauge } from '../outbox-gauge.js';
import { OutboxRelay } from '../outbox-relay.js';
import { FIRST_LEASE_MS } from '../postgres/insert-outbox.js';
import { MessagingReaper } from '../postgres/messaging-reaper.js';
import { outboxDepth } from '../postgres/outbox-depth.js';
import { PostgresFailedDeliveryStore } from '../postgres/postgres-failed-delivery-store.js';
import { PostgresOutboxStore } from '../postgres/postgres-outbox-store.js';
import type { SqlSession } from '../postgres/sql-session.js';
import { ConfirmingPublisher } from '../rabbitmq/confirming-publisher.js';
import { queueOf, topologyOf } from '../rabbitmq/topology.js';
import { RabbitMqTransport } from './rabbitmq-transport.js';

export interface MessagingOptions {
  /** `payment` consumes the queue `once.payment`. */
  readonly service: string;
  /** Names this process's connections at the broker: `payment-0`. */
  readonly processName: string;
  /** Every service that this one may send to; their queues are declared before anything is published. */
  readonly destinations: readonly string[];
  readonly urls: readonly string[];
  /** Pause between two sweeps of the outbox. */
  readonly sweepMs: number;
  /**
   * Above 0: messages leave only by reading the table, every so many milliseconds. Standard: 0, they are published from
   * memory right after their commit.
   */
  readonly pollMs?: number;
  /** The longest pause before a failed delivery is tried again. */
  readonly backoffMaxMs: number;
  /** The longest run of a handler. */
  readonly handlerMs: number;
  /**
   * How long a delivery is held while the database is away, before the broker gets it back. The broker counts that and
   * gives up after DELIVERY_LIMIT, so the product is the outage that no message notices.
   */
  readonly holdMs: number;
  /** Messages that may travel, or be handled, together at most. 1 keeps each to itself. */
  readonly batchMax: number;
  /** Messages that may wait to leave before `outbox.isFull()`. */
  readonly outboxRowsMax: number;
  /** How long discarded dead letters and counts of attempts are kept. */
  readonly retentionMs: number;
  /** Around each run of a handler. Standard: nothing. */
  readonly around?: AroundHandler;
}

/** One pass that the service is to repeat. */
export interface MessagingAgent {
  readonly name: string;
  readonly intervalMs: number;
  readonly runOnce: () => Promise<unknown>;
}

/** What one service needs to send and to receive, put together: publisher, outbox relay and transport on one database. */
export class Messaging {
  readonly relay: OutboxRelay;
  /** Whether new work may still add to the outbox. */
  readonly outbox: OutboxGauge;
  /** For `app.connectMicroservice({ strategy })`; Nest opens and closes it. */
  readonly transport: RabbitMqTransport;
  /** For the service to run in its loops. */
  readonly agents: readonly MessagingAgent[];
  private readonly publisher: ConfirmingPublisher;

  constructor(options: MessagingOptions, session: SqlSession, observer: MessagingObserver, log: Logger) {
    const { service, processName: name, urls, sweepMs, pollMs = 0, backoffMaxMs, handlerMs } = options;
    const shared = { urls, heartbeatSeconds: HEARTBEAT_S, random: Math.random };
    const topology = topologyOf(options.destinations);
    this.publisher = new ConfirmingPublisher({ ...shared, name, topology, confirmMs: CONFIRM_MS }, observer, log);
    const store = new PostgresOutboxStore(session, { takesUnclaimed: pollMs > 0 });
    this.relay = new OutboxRelay(store, this.publisher, observer, log, {
      sweepMs,
      pollMs,
      leaseMs: 2 * CONFIRM_MS,
      firstLeaseMs: FIRST_LEASE_MS,
      membersMax: options.batchMax,
      flushMs: GRACE_MS,
      random: Math.random,
    });
    this.transport = new RabbitMqTransport(
      {
        ...shared,
        service,
        connectionName: name,
        prefetch: PREFETCH,
        attemptsMax: ATTEMPTS_MAX,
        backoffMaxMs,
        holdMs: options.holdMs,
        retryLeaseMs: 2 * handlerMs,
        graceMs: GRACE_MS,
        ...(options.around === undefined ? {} : { around: options.around }),
      },
      new PostgresFailedDeliveryStore(session, queueOf(service)),
      observer,
      log,
    );
    this.outbox = new OutboxGauge((rowsMax) => outboxDepth(session, rowsMax), options.outboxRowsMax, observer);
    const reaper = new MessagingReaper(session, options.retentionMs);
    this.agents = [
      { name: 'outbox-gauge', intervalMs: sweepMs, runOnce: () => this.outbox.runOnce() },
      { name: 'delivery-retries', intervalMs: sweepMs, runOnce: () => this.transport.retryOnce() },
      { name: 'messaging-reaper', intervalMs: REAP_INTERVAL_MS, runOnce: () => reaper.runOnce() },
    ];
  }

  /** For health: what the broker is to this process. */
  state(): { readonly publisher: ConnectionState; readonly consumer: ConnectionState } {
    return { publisher: this.publisher.state(), consumer: this.transport.state() };
  }

  start(): void {
    this.publisher.start();
    this.relay.start();
  }

  /** After the transport is closed, since handlers in flight still send. What does not leave stays in the outbox. */
  async stop(): Promise<void> {
    await this.relay.stop();
    await this.publisher.close();
  }
}

/** A dead link is noticed after two missed heartbeats; below two seconds a busy event loop looks like one. */
const HEARTBEAT_S = 3;

/** Quorum queues confirm within milliseconds; a broker that takes five seconds is in trouble. */
const CONFIRM_MS = 5_000;

/** Deliveries handled at the same time: two full batches of the default size, so one is decided while one is committed. */
const PREFETCH = 100;

/** With the pauses in between, a message is tried for minutes before it becomes a dead letter. */
const ATTEMPTS_MAX = 10;

/** Handlers end within a statement or two; what takes longer is taken over by another replica. */
const GRACE_MS = 5_000;

/** What is reaped has been kept for weeks; a minute more is nothing, and an empty pass costs one statement. */
const REAP_INTERVAL_MS = 60_000;
