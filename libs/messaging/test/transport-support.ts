import 'reflect-metadata';
import { Module, type INestMicroservice, type Type } from '@nestjs/common';
import { Ctx, Payload, type MicroserviceOptions } from '@nestjs/microservices';
import { Test } from '@nestjs/testing';
import {
  DeliveryContext,
  done,
  MessageController,
  OnMessage,
  PostgresFailedDeliveryStore,
  queueOf,
  RabbitMqTransport,
  silentLogger,
  silentObserver,
  type MessagingObserver,
  type RabbitMqTransportOptions,
  type SqlSession,
  type Verdict,
} from '../src/index.js';

export const TRANSPORT_OPTIONS = {
  service: 'order',
  heartbeatSeconds: 5,
  prefetch: 100,
  attemptsMax: 10,
  backoffMaxMs: 1_000,
  holdMs: 30_000,
  retryLeaseMs: 10_000,
  graceMs: 5_000,
  random: () => 0,
} as const;

/** What the test wants a message to meet; set anew by each test. */
export class Script {
  readonly deliveries: DeliveryContext[] = [];
  act: (delivery: DeliveryContext) => Promise<Verdict> = () => Promise.resolve(done);

  run(delivery: DeliveryContext): Promise<Verdict> {
    this.deliveries.push(delivery);
    return this.act(delivery);
  }
}

@MessageController()
class ScriptedController {
  constructor(private readonly script: Script) {}

  @OnMessage('test.message')
  handle(@Payload() _payload: unknown, @Ctx() delivery: DeliveryContext): Promise<Verdict> {
    return this.script.run(delivery);
  }
}

export function transportFor(
  url: string,
  session: SqlSession,
  overrides: Partial<RabbitMqTransportOptions> = {},
  observer: MessagingObserver = silentObserver,
): RabbitMqTransport {
  const options = { ...TRANSPORT_OPTIONS, urls: [url], ...overrides };
  const store = new PostgresFailedDeliveryStore(session, queueOf(options.service));
  return new RabbitMqTransport(options, store, observer, silentLogger);
}

export async function serve(
  transport: RabbitMqTransport,
  script: Script,
  controllers: readonly Type[] = [ScriptedController],
): Promise<INestMicroservice> {
  @Module({ controllers: [...controllers], providers: [{ provide: Script, useValue: script }] })
  class TestModule {}

  const module = await Test.createTestingModule({ imports: [TestModule] }).compile();
  const app = module.createNestMicroservice<MicroserviceOptions>({ strategy: transport, logger: false });
  await app.listen();
  return app;
}
