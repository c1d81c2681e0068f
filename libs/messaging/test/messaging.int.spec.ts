import assert from 'node:assert/strict';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Injectable, Module, type INestMicroservice, type Type } from '@nestjs/common';
import { Ctx, Payload, type MicroserviceOptions } from '@nestjs/microservices';
import { Test } from '@nestjs/testing';
import type { DataSource } from 'typeorm';
import { eventually, testDatabase, testVhost, type TestDatabase, type TestVhost } from '@once/testing';
import {
  DeliveryContext,
  done,
  MessageController,
  Messaging,
  mintMessage,
  OnMessage,
  outboxDepth,
  silentLogger,
  silentObserver,
  type Verdict,
} from '../src/index.js';
import { insert, openDatabase, outboxIds, outgoing, untilUp } from './support.js';

const askKind = { type: 'payment.ask', destination: 'payment', version: 1 };
const answerKind = { type: 'order.answer', destination: 'order', version: 1 };

@Injectable()
class Side {
  constructor(
    readonly messaging: Messaging,
    readonly session: DataSource,
  ) {}
  readonly answers: string[] = [];
}

@MessageController()
class PaymentController {
  constructor(private readonly side: Side) {}

  @OnMessage('payment.ask')
  async answer(@Payload() payload: unknown, @Ctx() { envelope }: DeliveryContext): Promise<Verdict> {
    const answer = mintMessage(answerKind, payload, { sagaId: envelope.sagaId, causationId: envelope.id });
    this.side.messaging.relay.publishCommitted(await insert(this.side.session, [answer]));
    return done;
  }
}

@MessageController()
class OrderController {
  constructor(private readonly side: Side) {}

  @OnMessage('order.answer')
  hear(@Ctx() { envelope }: DeliveryContext): Promise<Verdict> {
    this.side.answers.push(String(envelope.causationId));
    return Promise.resolve(done);
  }
}

describe('messaging between two services', () => {
  let vhost: TestVhost;
  let order: Service;
  let payment: Service;

  beforeAll(async () => {
    vhost = await testVhost();
    [order, payment] = await Promise.all([
      startService('order', OrderController, vhost),
      startService('payment', PaymentController, vhost),
    ]);
  });
  beforeEach(async () => {
    for (const { side } of [order, payment]) {
      await untilUp(side.messaging.transport);
      await eventually(() => assert.equal(side.messaging.state().publisher, 'up'));
    }
  });
  afterAll(async () => {
    await Promise.all([order.stop(), payment.stop()]);
    await vhost.close();
  });

  it('brings each of a hundred answers back once and leaves both outboxes empty', async () => {
    const asks = Array.from({ length: 100 }, (_, n) =>
      mintMessage(askKind, { n }, { sagaId: `saga-${n}`, causationId: null }),
    );
    order.side.messaging.relay.publishCommitted(await insert(order.side.session, asks));
    await eventually(() => expect(order.side.answers).toHaveLength(100));
    expect(new Set(order.side.answers)).toEqual(new Set(asks.map(({ id }) => id)));
    await eventually(async () =>
      expect([await outboxIds(order.side.session), await outboxIds(payment.side.session)]).toEqual([[], []]),
    );
  });

  it('knows how much waits to leave, and how long', async () => {
    const { session } = order.side;
    expect(await outboxDepth(session, 10)).toEqual({ rows: 0, oldestAgeMs: 0 });
    await insert(session, [outgoing(), outgoing()]);
    await session.query(`update outbox_message set created_at = created_at - interval '1 minute'`);
    const depth = await outboxDepth(session, 10);
    expect(depth.rows).toBe(2);
    expect(depth.oldestAgeMs).toBeGreaterThan(60_000);
  });

  it('tells the state of its connections', async () => {
    expect(order.side.messaging.state()).toEqual({ publisher: 'up', consumer: 'up' });
  });
});

interface Service {
  readonly side: Side;
  stop(): Promise<void>;
}

async function startService(service: string, controller: Type, vhost: TestVhost): Promise<Service> {
  const database: TestDatabase = await testDatabase();
  const session = await openDatabase(database);
  const messaging = new Messaging(
    {
      service,
      processName: `${service}-0`,
      destinations: ['order', 'payment'],
      urls: [vhost.amqpUrl],
      sweepMs: 100,
      backoffMaxMs: 1_000,
      handlerMs: 5_000,
      holdMs: 5_000,
      batchMax: 50,
      outboxRowsMax: 1_000,
      retentionMs: 60_000,
    },
    session,
    silentObserver,
    silentLogger,
  );
  const side = new Side(messaging, session);

  @Module({ controllers: [controller], providers: [{ provide: Side, useValue: side }] })
  class ServiceModule {}

  const module = await Test.createTestingModule({ imports: [ServiceModule] }).compile();
  const app: INestMicroservice = module.createNestMicroservice<MicroserviceOptions>({
    strategy: messaging.transport,
    logger: false,
  });
  messaging.start();
  await app.listen();
  return {
    side,
    stop: async () => {
      await app.close();
      await messaging.stop();
      await session.destroy();
      await database.close();
    },
  };
}
