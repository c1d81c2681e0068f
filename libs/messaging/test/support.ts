import assert from 'node:assert/strict';
import { connect, type Channel, type ChannelModel } from 'amqplib';
import { DataSource } from 'typeorm';
import { eventually, type TestDatabase, type TestVhost } from '@once/testing';
import {
  CreateFailedDelivery1700000000021,
  CreateOutboxMessage1700000000020,
  ConfirmingPublisher,
  encodeEnvelope,
  FIRST_LEASE_MS,
  insertOutbox,
  mintMessageId,
  OutboxRelay,
  PostgresOutboxStore,
  readMembers,
  rowsOf,
  silentLogger,
  silentObserver,
  topologyOf,
  type CommittedMessage,
  type ConnectionState,
  type OutboxStore,
  type OutgoingMessage,
  type Publisher,
  type SqlSession,
} from '../src/index.js';

export async function openDatabase(database: TestDatabase): Promise<DataSource> {
  const migrations = [CreateOutboxMessage1700000000020, CreateFailedDelivery1700000000021];
  const dataSource = await new DataSource({ type: 'postgres', url: database.url, migrations }).initialize();
  await dataSource.runMigrations();
  return dataSource;
}

export function outgoing(overrides: Partial<OutgoingMessage> = {}): OutgoingMessage {
  return {
    id: mintMessageId(),
    destination: 'order',
    type: 'test.message',
    version: 1,
    sagaId: null,
    causationId: null,
    traceparent: null,
    payload: { n: 1 },
    ...overrides,
  };
}

export function bodyOf(message: OutgoingMessage): Buffer {
  return encodeEnvelope({ ...message, committedAt: new Date('2026-01-02T03:04:05.678Z') });
}

/** What a service does in its commit statement. */
export async function insert(session: SqlSession, messages: readonly OutgoingMessage[]): Promise<CommittedMessage[]> {
  const result = await session.query(
    `with member as (select $1::jsonb as messages), sent as (${insertOutbox('member')}) select id, created_at from sent`,
    [JSON.stringify(messages)],
  );
  const createdAt = new Map(rowsOf<{ id: string; created_at: Date }>(result).map((row) => [row.id, row.created_at]));
  return messages.map((message) => ({ ...message, committedAt: createdAt.get(message.id) ?? new Date(0) }));
}

export function insertDue(session: SqlSession, messages: readonly OutgoingMessage[]): Promise<unknown> {
  return insert(session, messages).then(() => makeDue(session));
}

/** Ends every lease and backoff, so that a test need not wait for them. */
export function makeDue(session: SqlSession): Promise<unknown> {
  return session.query(`update outbox_message set next_attempt_at = clock_timestamp() - interval '1 second'`);
}

export async function outboxIds(session: SqlSession): Promise<string[]> {
  return rowsOf<{ id: string }>(await session.query('select id from outbox_message order by id')).map(({ id }) => id);
}

export interface FailedDeliveryRow {
  readonly message_id: string | null;
  readonly saga_id: string | null;
  readonly body: Buffer;
  readonly reason: string;
  readonly stack: string | null;
  readonly attempts: number;
  readonly next_attempt_at: Date | null;
  readonly dead_lettered_at: Date | null;
}

export async function failedDeliveries(session: SqlSession): Promise<readonly FailedDeliveryRow[]> {
  return rowsOf<FailedDeliveryRow>(await session.query('select * from failed_delivery order by first_failed_at'));
}

export function publisherFor(
  url: string,
  overrides: { services?: string[]; confirmMs?: number } = {},
): ConfirmingPublisher {
  const publisher = new ConfirmingPublisher(
    {
      urls: [url],
      name: 'test',
      heartbeatSeconds: 5,
      topology: topologyOf(overrides.services ?? ['order']),
      confirmMs: overrides.confirmMs ?? 5_000,
      random: Math.random,
    },
    silentObserver,
    silentLogger,
  );
  publisher.start();
  return publisher;
}

export function relayFor(
  session: SqlSession | OutboxStore,
  publisher: Publisher,
  { membersMax = 50, pollMs = 0 } = {},
): OutboxRelay {
  const store = 'claim' in session ? session : new PostgresOutboxStore(session, { takesUnclaimed: pollMs > 0 });
  const options = {
    sweepMs: 50,
    pollMs,
    leaseMs: 10_000,
    firstLeaseMs: FIRST_LEASE_MS,
    membersMax,
    flushMs: 5_000,
    random: Math.random,
  };
  return new OutboxRelay(store, publisher, silentObserver, silentLogger, options);
}

export function untilUp(subject: { state(): ConnectionState }): Promise<void> {
  return eventually(() => assert.equal(subject.state(), 'up'), { withinMs: 15_000 });
}

/** A plain client of the broker, to see what it holds. */
export class Onlooker {
  private constructor(
    private readonly model: ChannelModel,
    readonly channel: Channel,
  ) {}

  static async at(vhost: TestVhost): Promise<Onlooker> {
    const model = await connect(vhost.amqpUrl);
    model.on('error', () => {});
    return new Onlooker(model, await model.createChannel());
  }

  /** The messages that a queue holds, taken from it, one by one however they travelled. */
  async drain(queue: string): Promise<{ id: string; type: string; mintedAt: string; payload: unknown }[]> {
    const bodies = (await this.drainBodies(queue)).flatMap((body) => readMembers(body).map((member) => member.body));
    return bodies.map(
      (body) => JSON.parse(body.toString()) as { id: string; type: string; mintedAt: string; payload: unknown },
    );
  }

  async drainBodies(queue: string): Promise<Buffer[]> {
    const bodies: Buffer[] = [];
    const { messageCount } = await this.channel.checkQueue(queue);
    if (messageCount === 0) return bodies;
    await new Promise<void>((resolve, reject) => {
      this.channel
        .consume(
          queue,
          (message) => {
            if (message !== null) bodies.push(message.content);
            if (bodies.length >= messageCount)
              this.channel.cancel(message?.fields.consumerTag ?? '').then(() => resolve(), reject);
          },
          { noAck: true },
        )
        .catch(reject);
    });
    return bodies;
  }

  close(): Promise<void> {
    return this.model.close();
  }
}
