import type { ChannelModel, ConfirmChannel, Message } from 'amqplib';
import { BODY_BYTES_MAX } from '../envelope.js';
import { BrokerSilentError, messageOf } from '../errors.js';
import type { Logger } from '../logger.js';
import type { MessagingObserver } from '../observer.js';
import type { Publication } from '../publication.js';
import type { ConnectionState, Publisher, PublishOutcome } from '../publisher.js';
import { BrokerConnection } from './broker-connection.js';
import { ChannelSupervisor } from './channel-supervisor.js';
import { declareIfPermitted, declareTopology, EXCHANGE, type Topology } from './topology.js';

/**
 * Publishes with confirm, `mandatory` and a deadline, on a connection of its own: a broker under a memory or disk alarm
 * stops reading from connections that publish, and acknowledgements must still get through.
 *
 * Guarantees: `confirmed` means that the broker stored the message in a queue. A message that it returned is never
 * reported as confirmed: the return arrives before the confirm.
 * Survives: connection loss, a channel closed by the broker, a reset broker (the topology is declared again), a broker
 * that goes silent (after the deadline the connection is given up for another), permissions that leave queues to their
 * consumers (until these have declared them, messages are returned).
 * Keeps nothing in memory while the broker is away: what cannot be published fails at once, and its owner tries again.
 */
export class ConfirmingPublisher implements Publisher {
  private readonly connection: BrokerConnection;
  private readonly supervisor: ChannelSupervisor<ConfirmChannel>;
  private readonly unconfirmed = new Map<string, Set<Unconfirmed>>();
  private open: OpenChannel | undefined;
  private mayDeclareQueues = true;

  constructor(
    private readonly options: ConfirmingPublisherOptions,
    observer: MessagingObserver,
    private readonly logger: Logger,
  ) {
    const report = (state: ConnectionState): void => observer.connectionChanged('publisher', state);
    const name = `${options.name}:publisher`;
    const { urls, heartbeatSeconds, random } = options;
    this.connection = new BrokerConnection({ urls, name, heartbeatSeconds }, logger, report);
    this.supervisor = new ChannelSupervisor(
      this.connection,
      {
        name: 'publisher',
        open: (model) => model.createConfirmChannel(),
        prepare: (channel, model) => this.prepare(channel, model),
        lost: (channel) => this.forget(channel),
      },
      logger,
      random,
    );
  }

  start(): void {
    this.supervisor.start();
  }

  state(): ConnectionState {
    return this.open === undefined ? 'down' : this.connection.state();
  }

  publish(publication: Publication): Promise<PublishOutcome> {
    const { open } = this;
    if (open === undefined || this.connection.state() !== 'up')
      return failed('the broker is not reachable, or takes no messages');
    const bytes = publication.body.length;
    if (bytes > BODY_BYTES_MAX)
      return failed(`the body has ${bytes} bytes, and receivers refuse more than ${BODY_BYTES_MAX}`);
    return new Promise((resolve) => this.publishOn(open, publication, resolve));
  }

  /** Publish nothing after this. What is unconfirmed fails. */
  async close(): Promise<void> {
    this.supervisor.stop();
    await this.connection.close();
    await this.supervisor.ended();
  }

  private publishOn(open: OpenChannel, publication: Publication, resolve: (outcome: PublishOutcome) => void): void {
    const unconfirmed: Unconfirmed = { returned: undefined };
    const settle = (outcome: PublishOutcome): void => {
      clearTimeout(deadline);
      this.forgetUnconfirmed(publication.messageId, unconfirmed);
      resolve(outcome);
    };
    const deadline = setTimeout(() => {
      settle({ kind: 'failed', reason: `no confirm within ${this.options.confirmMs} ms` });
      this.suspect(open);
    }, this.options.confirmMs);
    this.remember(publication.messageId, unconfirmed);
    try {
      open.channel.publish(
        EXCHANGE,
        publication.destination,
        publication.body,
        propertiesOf(publication),
        (error: unknown) => {
          if (error !== null) settle({ kind: 'failed', reason: messageOf(error) });
          else if (unconfirmed.returned !== undefined) settle({ kind: 'returned', reason: unconfirmed.returned });
          else settle({ kind: 'confirmed' });
        },
      );
    } catch (error) {
      // The channel has just been closed, or this one message cannot be framed (a routing key that is too long).
      settle({ kind: 'failed', reason: messageOf(error) });
    }
  }

  /** No confirm in time, although the broker did not say that it is blocked: half open, or a node without its majority. */
  private suspect(open: OpenChannel): void {
    if (this.open !== open || this.connection.state() !== 'up') return;
    this.connection.drop(open.model, new BrokerSilentError('confirm a message', this.options.confirmMs));
  }

  private async prepare(channel: ConfirmChannel, model: ChannelModel): Promise<void> {
    channel.on('return', (message) => this.markReturned(message));
    const { topology } = this.options;
    await declareTopology(channel, { ...topology, queues: [], bindings: [] });
    if (this.mayDeclareQueues) {
      this.mayDeclareQueues = await declareIfPermitted(model, topology);
      if (!this.mayDeclareQueues) this.logger.info({}, 'queues are left to those who consume them');
    }
    this.open = { channel, model };
  }

  private forget(channel: ConfirmChannel): void {
    if (this.open?.channel === channel) this.open = undefined;
  }

  /** One id may be on its way twice (after commit, and by a sweep); then both are taken for returned, the safe error. */
  private markReturned(message: Message): void {
    const text = 'replyText' in message.fields ? String(message.fields.replyText) : 'no reason given';
    const reason = `returned by the broker: ${text}`;
    for (const unconfirmed of this.unconfirmed.get(String(message.properties.messageId)) ?? [])
      unconfirmed.returned = reason;
  }

  private remember(messageId: string, unconfirmed: Unconfirmed): void {
    const known = this.unconfirmed.get(messageId);
    if (known === undefined) this.unconfirmed.set(messageId, new Set([unconfirmed]));
    else known.add(unconfirmed);
  }

  private forgetUnconfirmed(messageId: string, unconfirmed: Unconfirmed): void {
    const known = this.unconfirmed.get(messageId);
    known?.delete(unconfirmed);
    if (known?.size === 0) this.unconfirmed.delete(messageId);
  }
}

export interface ConfirmingPublisherOptions {
  readonly urls: readonly string[];
  readonly name: string;
  readonly heartbeatSeconds: number;
  readonly topology: Topology;
  /** Deadline of a confirm. Quorum queues confirm in milliseconds; a broker that takes seconds is in trouble. */
  readonly confirmMs: number;
  readonly random: () => number;
}

interface OpenChannel {
  readonly channel: ConfirmChannel;
  readonly model: ChannelModel;
}

interface Unconfirmed {
  returned: string | undefined;
}

function failed(reason: string): Promise<PublishOutcome> {
  return Promise.resolve({ kind: 'failed', reason });
}

function propertiesOf(publication: Publication): Parameters<ConfirmChannel['publish']>[3] & object {
  const { messageId, type, traceparent, messageIds } = publication;
  return {
    mandatory: true,
    persistent: true,
    // One line of JSON, or several; receivers look at the body alone.
    contentType: messageIds.length === 1 ? 'application/json' : 'application/x-ndjson',
    messageId,
    ...(type === null ? {} : { type }),
    ...(traceparent !== null && TRACEPARENT.test(traceparent) ? { headers: { traceparent } } : {}),
  };
}

const TRACEPARENT = /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/;
