import { randomUUID } from 'node:crypto';
import type { TestVhost } from '@once/testing';
import { connect, type ConfirmChannel, type ConsumeMessage, type Options } from 'amqplib';
import { onTestFinished } from 'vitest';

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

  static async of(broker: TestVhost, service: string): Promise<HeldMessages> {
    const connection = await connect(broker.amqpUrl);
    onTestFinished(() => connection.close());
    const channel = await connection.createConfirmChannel();
    const { queue } = await channel.assertQueue(`held-${service}-${randomUUID()}`, { exclusive: true });
    const messages = new HeldMessages(channel, service, queue);
    await channel.consume(queue, (message) => {
      if (message !== null) messages.keep(message);
    });
    return messages;
  }

  async hold(): Promise<void> {
    await this.channel.unbindQueue(queueOf(this.service), EXCHANGE, this.service);
    await this.channel.bindQueue(this.holdingQueue, EXCHANGE, this.service);
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

interface EnvelopeText {
  readonly id: string;
  readonly type: string;
  readonly payload: { readonly orderId: string };
}

const EXCHANGE = 'once';
const queueOf = (service: string): string => `once.${service}`;
