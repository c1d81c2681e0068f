import { Server, type CustomTransportStrategy } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';
import type { AroundHandler, Delivery, DeliveryHandler, HandlerTable, ReceivedDelivery } from '../delivery.js';
import { DeliverySettlement } from '../delivery-settlement.js';
import { DuplicateHandlerError } from '../errors.js';
import { FailedDeliverySweeper, type RetryReport } from '../failed-delivery-sweeper.js';
import type { FailedDeliveryStore } from '../failed-delivery-store.js';
import { HandlerRunner } from '../handler-runner.js';
import type { Logger } from '../logger.js';
import type { MessagingObserver } from '../observer.js';
import type { ConnectionState } from '../publisher.js';
import { BrokerConnection } from '../rabbitmq/broker-connection.js';
import { deathReasonOf } from '../rabbitmq/death-reason.js';
import { Subscription } from '../rabbitmq/subscription.js';
import { deadLetterQueueOf, queueOf, topologyOf } from '../rabbitmq/topology.js';
import { isVerdict, refuse, type Verdict } from '../verdict.js';
import { DeliveryContext } from './delivery-context.js';
import { patternOf, RABBITMQ_TRANSPORT } from './on-message.decorator.js';

/**
 * A service's queue as a Nest transport. Nest's own RabbitMQ transport acknowledges on arrival by default, leaves the
 * messages of failed handlers unsettled, drops unknown ones and stays deaf after a broker-side cancel; this one has
 * Nest's handlers, pipes, guards and interceptors, and the settlement of this library.
 */
export class RabbitMqTransport
  extends Server<Record<string, never>, ConnectionState>
  implements CustomTransportStrategy
{
  override readonly transportId = RABBITMQ_TRANSPORT;
  /** Handler failures come to us, so Nest need not log them as unobserved. */
  override readonly propagatesEventHandlerErrors = true;

  private readonly connection: BrokerConnection;
  private readonly settlement: DeliverySettlement;
  private readonly sweeper: FailedDeliverySweeper;
  private readonly deliveries: Subscription;
  private readonly deadLetters: Subscription;

  constructor(
    private readonly options: RabbitMqTransportOptions,
    store: FailedDeliveryStore,
    observer: MessagingObserver,
    private readonly log: Logger,
  ) {
    super();
    const runner = new HandlerRunner(this.handlerTable(), observer, log);
    const { urls, heartbeatSeconds, attemptsMax, holdMs, retryLeaseMs: leaseMs, random } = options;
    const backoff = { baseMs: RETRY_BASE_MS, maxMs: options.backoffMaxMs, random };
    this.settlement = new DeliverySettlement(runner, store, observer, log, { attemptsMax, holdMs, backoff });
    this.sweeper = new FailedDeliverySweeper(runner, store, observer, log, { attemptsMax, leaseMs, backoff });
    this.connection = new BrokerConnection(
      { urls, heartbeatSeconds, name: `${options.connectionName}:consumer` },
      log,
      (state) => {
        observer.connectionChanged('consumer', state);
        this._status$.next(state); // oxlint-disable-line eslint/no-underscore-dangle -- Nest's name
      },
    );
    this.deliveries = this.subscribe(queueOf(options.service), options.prefetch, (delivery) =>
      this.settlement.settle(delivery),
    );
    this.deadLetters = this.subscribe(deadLetterQueueOf(options.service), DEAD_LETTER_PREFETCH, (delivery) =>
      this.settlement.bury(delivery, deathReasonOf(delivery)),
    );
  }

  /** Called by Nest. Ready at once: an absent broker is waited for, and must not keep the service from starting. */
  listen(ready: (error?: unknown) => void): void {
    const ambiguous = [...this.messageHandlers].find(([, handler]) => handler.next !== undefined);
    if (ambiguous !== undefined) return ready(new DuplicateHandlerError(ambiguous[0]));
    this.deliveries.start();
    this.deadLetters.start();
    ready();
  }

  /** Called by Nest. Stops consuming, finishes what is in flight, acknowledges it, closes. */
  async close(): Promise<void> {
    this.settlement.stop();
    await Promise.all(
      [this.deliveries, this.deadLetters].map((subscription) => subscription.stop(this.options.graceMs)),
    );
    await this.connection.close();
  }

  state(): ConnectionState {
    return this.deliveries.state();
  }

  /** One pass over the retries that are due; the service wires it into a loop. */
  retryOnce(): Promise<RetryReport> {
    return this.sweeper.runOnce();
  }

  on(): void {
    // Nest lets applications listen to events of the client library; state changes are told by `status` here.
  }

  unwrap(): never {
    throw new Error('The broker connection is not for handlers; return a verdict instead.');
  }

  private subscribe(
    queue: string,
    prefetch: number,
    settle: (delivery: ReceivedDelivery) => Promise<'ack' | 'requeue'>,
  ): Subscription {
    const { service, random } = this.options;
    return new Subscription(
      this.connection,
      { queue, topology: topologyOf([service]), prefetch, random },
      settle,
      this.log,
    );
  }

  private handlerTable(): HandlerTable {
    return {
      find: (type, version): DeliveryHandler | undefined => {
        const handler = this.messageHandlers.get(patternOf(type, version));
        if (handler === undefined) return undefined;
        const { around = alone } = this.options;
        return (delivery: Delivery): Promise<Verdict> =>
          around(delivery.envelope, async (traceparent) => {
            const result: unknown = await handler(
              delivery.envelope.payload,
              new DeliveryContext([delivery, traceparent]),
            );
            const value: unknown = isObservable(result)
              ? await lastValueFrom(result, { defaultValue: undefined })
              : result;
            return isVerdict(value) ? value : refuse(`the handler of ${type} returned no verdict`);
          });
      },
    };
  }
}

export interface RabbitMqTransportOptions {
  /** Name of the service: `order` consumes `once.order`. */
  readonly service: string;
  /** Shown by the broker's tools; names the process. */
  readonly connectionName: string;
  readonly urls: readonly string[];
  readonly heartbeatSeconds: number;
  readonly prefetch: number;
  readonly attemptsMax: number;
  readonly backoffMaxMs: number;
  /** How long a message is held while the database is away; well below the broker's acknowledgement timeout. */
  readonly holdMs: number;
  /** Above the longest run of a handler. */
  readonly retryLeaseMs: number;
  /** How long `close` waits for handlers. */
  readonly graceMs: number;
  readonly random: () => number;
  readonly around?: AroundHandler;
}

const alone: AroundHandler = ({ traceparent }, handle) => handle(traceparent);

/** The first retry comes after about half a second, when a lost race or a short outage is over. */
const RETRY_BASE_MS = 500;

/** Dead letters are rare, and there is no hurry. */
const DEAD_LETTER_PREFETCH = 10;
