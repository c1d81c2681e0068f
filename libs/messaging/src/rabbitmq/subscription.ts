import type { Channel, ConsumeMessage } from 'amqplib';
import type { ReceivedDelivery, Settlement } from '../delivery.js';
import { messageOf } from '../errors.js';
import type { Logger } from '../logger.js';
import type { ConnectionState } from '../publisher.js';
import { endsWithin } from '../wait.js';
import type { BrokerConnection } from './broker-connection.js';
import { ChannelSupervisor } from './channel-supervisor.js';
import { declareTopology, type Topology } from './topology.js';

/**
 * Consumes one queue and settles each delivery at the broker, on the channel that it came from, after it was decided.
 *
 * Guarantees: acknowledges only what `settle` said may be forgotten; never two consumers where one was.
 * Survives: connection loss, a channel closed by the broker (acknowledgement timeout), a consumer cancelled by the broker
 * (queue deleted, leader lost), a reset broker. What was in flight is delivered again, and its late settlement is void.
 */
export class Subscription {
  private readonly supervisor: ChannelSupervisor<Channel>;
  private readonly inFlight = new Set<Promise<void>>();
  private consumer: Consumer | undefined;

  constructor(
    private readonly connection: BrokerConnection,
    private readonly options: SubscriptionOptions,
    private readonly settle: (delivery: ReceivedDelivery) => Promise<Settlement>,
    private readonly logger: Logger,
  ) {
    this.supervisor = new ChannelSupervisor(
      connection,
      {
        name: `consumer of ${options.queue}`,
        open: (model) => model.createChannel(),
        prepare: (channel) => this.consume(channel),
        lost: (channel) => this.forget(channel),
      },
      logger,
      options.random,
    );
  }

  start(): void {
    this.supervisor.start();
  }

  state(): ConnectionState {
    return this.consumer === undefined ? 'down' : this.connection.state();
  }

  /** No new deliveries; those in flight are finished and acknowledged, as far as the grace period allows. */
  async stop(graceMs: number): Promise<void> {
    this.supervisor.stop();
    const { consumer } = this;
    // Fails when the channel has just been lost, and then nothing is delivered any more either.
    const isAnswering = consumer !== undefined && (await endsWithin(CANCEL_MS, consumer.channel.cancel(consumer.tag)));
    const isDrained = await endsWithin(graceMs, Promise.all(this.inFlight));
    if (!isDrained) this.logger.warn({ queue: this.options.queue, inFlight: this.inFlight.size }, 'grace period over');
    // Also flushes the acknowledgements: the broker answers after it has read them.
    if (isAnswering) await endsWithin(CANCEL_MS, closeQuietly(consumer.channel));
  }

  private async consume(channel: Channel): Promise<void> {
    const { queue, topology, prefetch } = this.options;
    await declareTopology(channel, topology);
    await channel.prefetch(prefetch);
    const { consumerTag } = await channel.consume(queue, (message) => this.receive(channel, message), { noAck: false });
    this.consumer = { channel, tag: consumerTag };
    this.logger.info({ queue, prefetch }, 'consuming');
  }

  private receive(channel: Channel, message: ConsumeMessage | null): void {
    if (message === null) {
      // Cancelled by the broker. The channel lives on without a consumer, so it is given up for a new one.
      this.logger.warn({ queue: this.options.queue }, 'consumer cancelled by broker');
      void closeQuietly(channel);
      return;
    }
    const handled = this.handle(channel, message).finally(() => this.inFlight.delete(handled));
    this.inFlight.add(handled);
  }

  private async handle(channel: Channel, message: ConsumeMessage): Promise<void> {
    const delivery = toDelivery(message);
    let settlement: Settlement;
    try {
      settlement = await this.settle(delivery);
    } catch (error) {
      this.logger.error({ queue: this.options.queue, reason: messageOf(error) }, 'delivery not settled');
      settlement = 'requeue';
    }
    try {
      if (settlement === 'ack') channel.ack(message);
      // Not nack: RabbitMQ 4.3 counts only rejects towards the delivery limit.
      else channel.reject(message, true);
    } catch (error) {
      // The channel was lost meanwhile, so the broker delivers the message again, elsewhere or here.
      this.logger.debug({ queue: this.options.queue, settlement, reason: messageOf(error) }, 'settlement void');
    }
  }

  private forget(channel: Channel): void {
    if (this.consumer?.channel === channel) this.consumer = undefined;
  }
}

export interface SubscriptionOptions {
  readonly queue: string;
  readonly topology: Topology;
  /** Deliveries in flight at a time, each with a handler running. */
  readonly prefetch: number;
  readonly random: () => number;
}

interface Consumer {
  readonly channel: Channel;
  readonly tag: string;
}

/** A live broker answers at once. */
const CANCEL_MS = 2_000;

async function closeQuietly(channel: Channel): Promise<void> {
  // Rejects when the channel is closed already, which is what is wanted.
  await channel.close().catch(() => {});
}

function toDelivery(message: ConsumeMessage): ReceivedDelivery {
  const { exchange, routingKey, redelivered } = message.fields;
  const known = Object.entries(message.properties).filter(([, value]) => value !== undefined);
  return {
    body: message.content,
    properties: { exchange, routingKey, ...Object.fromEntries(known) },
    isRedelivered: redelivered,
  };
}
