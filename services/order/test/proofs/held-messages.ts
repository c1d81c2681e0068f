import { randomUUID } from 'node:crypto';
import { eventually, type SpawnedService, type SpawnedSystem } from '@once/testing';
import { connect, type ConfirmChannel, type ConsumeMessage, type Options } from 'amqplib';
import { expect, onTestFinished } from 'vitest';

export interface HeldMessage {
  readonly type: string;
  readonly orderId: string;
  deliver(times?: number): Promise<void>;
}

/**
 * Keeps what is sent to a service from it, as a network does that is slow in one direction: the broker confirms, the service
 * hears nothing, and who holds the messages decides when, in what order and how often they arrive.
 */
export class HeldMessages {
  private readonly held: HeldMessage[] = [];

  private constructor(
    private readonly channel: ConfirmChannel,
    private readonly service: string,
    private readonly holdingQueue: string,
  ) {}

  /** `others`: replicas that the system does not know of. */
  static async of(
    system: SpawnedSystem,
    service: string,
    others: readonly SpawnedService[] = [],
  ): Promise<HeldMessages> {
    await untilConnected([system.order, system.payment, system.notification, ...system.replicas, ...others]);
    const connection = await connect(system.broker.amqpUrl);
    onTestFinished(() => connection.close());
    const channel = await connection.createConfirmChannel();
    const { queue } = await channel.assertQueue(`held-${service}-${randomUUID()}`, { exclusive: true });
    const messages = new HeldMessages(channel, service, queue);
    await channel.consume(queue, (message) => {
      if (message !== null) messages.keep(message);
    });
    return messages;
  }

  /** Never without a queue in between: who gets a message back binds the service's queue again. */
  async hold(): Promise<void> {
    await this.channel.bindQueue(this.holdingQueue, EXCHANGE, this.service);
    await this.channel.unbindQueue(queueOf(this.service), EXCHANGE, this.service);
  }

  /** Lets pass what is sent from now on; what is held stays held. */
  async letPass(): Promise<void> {
    await this.channel.bindQueue(queueOf(this.service), EXCHANGE, this.service);
    await this.channel.unbindQueue(this.holdingQueue, EXCHANGE, this.service);
  }

  /** What has come so far; each message is taken once. */
  take(): readonly HeldMessage[] {
    return this.held.splice(0);
  }

  /** Messages that travelled together, one on each line, are held and delivered one by one. */
  private keep({ content, properties }: ConsumeMessage): void {
    for (const line of content.toString().split('\n')) {
      const { id, type, payload } = JSON.parse(line) as EnvelopeText;
      const options = { ...properties, messageId: id, type } as Options.Publish;
      const { channel, service } = this;
      const deliver = async (times = 1): Promise<void> => {
        for (let time = 0; time < times; time += 1) channel.sendToQueue(queueOf(service), Buffer.from(line), options);
        await channel.waitForConfirms();
      };
      this.held.push({ type, orderId: payload.orderId, deliver });
    }
  }
}

/** A service is ready without its broker, and binds its queues whenever it connects: also those that are held. */
async function untilConnected(processes: readonly SpawnedService[]): Promise<void> {
  await eventually(
    async () => {
      for (const { url } of processes) {
        const { checks } = (await (await fetch(`${url}/health/ready`)).json()) as { checks: { broker?: object } };
        expect(checks.broker).toMatchObject({ status: 'up' });
      }
    },
    { withinMs: 60_000 },
  );
}

interface EnvelopeText {
  readonly id: string;
  readonly type: string;
  readonly payload: { readonly orderId: string };
}

const EXCHANGE = 'once';
const queueOf = (service: string): string => `once.${service}`;
