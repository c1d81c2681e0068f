import type { Channel, ChannelModel, Options } from 'amqplib';

/** What must exist at the broker, as data. It is declared at every connect, so a reset broker gets it back by itself. */
export interface Topology {
  readonly exchanges: readonly { readonly name: string; readonly options: Options.AssertExchange }[];
  readonly queues: readonly { readonly name: string; readonly options: Options.AssertQueue }[];
  readonly bindings: readonly { readonly queue: string; readonly exchange: string; readonly routingKey: string }[];
}

export const EXCHANGE = 'once';
export const DEAD_LETTER_EXCHANGE = 'once.dead';

export function queueOf(service: string): string {
  return `once.${service}`;
}

export function deadLetterQueueOf(service: string): string {
  return `once.${service}.dead`;
}

/**
 * Per service a queue and the broker's last net under it. The arguments mean the same on RabbitMQ 3.10 and 4.x, and are
 * part of a queue's identity: changing one needs a new queue.
 */
export function topologyOf(services: readonly string[]): Topology {
  return {
    exchanges: [EXCHANGE, DEAD_LETTER_EXCHANGE].map((name) => ({ name, options: { durable: true } })),
    queues: services.flatMap((service) => [
      { name: queueOf(service), options: { durable: true, arguments: QUEUE_ARGUMENTS } },
      { name: deadLetterQueueOf(service), options: { durable: true, arguments: DEAD_LETTER_QUEUE_ARGUMENTS } },
    ]),
    bindings: services.flatMap((service) => [
      { queue: queueOf(service), exchange: EXCHANGE, routingKey: service },
      { queue: deadLetterQueueOf(service), exchange: DEAD_LETTER_EXCHANGE, routingKey: service },
    ]),
  };
}

/** Deliveries after which the broker gives a message up. */
export const DELIVERY_LIMIT = 20;

/** Dead-lettering at least once needs all three: the strategy, a quorum queue, and an overflow that refuses. */
const QUEUE_ARGUMENTS = {
  'x-queue-type': 'quorum',
  // Above the attempts that the database counts (10), so that this net catches only what the first one cannot.
  'x-delivery-limit': DELIVERY_LIMIT,
  'x-dead-letter-exchange': DEAD_LETTER_EXCHANGE,
  'x-dead-letter-strategy': 'at-least-once',
  'x-overflow': 'reject-publish',
} as const;

const DEAD_LETTER_QUEUE_ARGUMENTS = {
  'x-queue-type': 'quorum',
  // In effect none. RabbitMQ 4 would drop after 20 without a limit of ours, and 3.10 knows no "unlimited".
  'x-delivery-limit': 1_000_000_000,
} as const;

export async function declareTopology(channel: Channel, topology: Topology): Promise<void> {
  for (const { name, options } of topology.exchanges) await channel.assertExchange(name, 'direct', options);
  for (const { name, options } of topology.queues) await channel.assertQueue(name, options);
  for (const { queue, exchange, routingKey } of topology.bindings) await channel.bindQueue(queue, exchange, routingKey);
}

const ACCESS_REFUSED = 403;

/**
 * Declares it unless the broker's permissions leave queues to those who consume them; says whether it did. A refusal closes
 * a channel, so this one is for nothing else.
 */
export async function declareIfPermitted(model: ChannelModel, topology: Topology): Promise<boolean> {
  const channel = await model.createChannel();
  channel.on('error', () => undefined); // a refusal reaches us through what was refused as well
  try {
    await declareTopology(channel, topology);
    await channel.close();
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === ACCESS_REFUSED) return false;
    throw error;
  }
}
