import assert from 'node:assert/strict';
import 'reflect-metadata';
import { Module, type INestMicroservice, type Type } from '@nestjs/common';
import { Ctx, Payload, type MicroserviceOptions } from '@nestjs/microservices';
import { Test } from '@nestjs/testing';
import type { DataSource } from 'typeorm';
import { eventually, FaultProxy, testDatabase, testVhost, type TestDatabase, type TestVhost } from '@once/testing';
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
import { Onlooker, openDatabase, untilUp } from './support.js';

export const TRANSPORT_OPTIONS = {
  service: 'order',
  connectionName: 'test',
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

  constructor(public act: (delivery: DeliveryContext) => Promise<Verdict>) {}

  run(delivery: DeliveryContext): Promise<Verdict> {
    this.deliveries.push(delivery);
    return this.act(delivery);
  }
}

/** Something a handler waits for until the test lets it go on. */
export function latch(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
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
  controllers: readonly Type[],
  providers: readonly Type[],
): Promise<INestMicroservice> {
  @Module({ controllers: [...controllers], providers: [...providers, { provide: Script, useValue: script }] })
  class TestModule {}

  const module = await Test.createTestingModule({ imports: [TestModule] }).compile();
  const app = module.createNestMicroservice<MicroserviceOptions>({ strategy: transport, logger: false });
  await app.listen();
  return app;
}

export type Act = Script['act'];

/** A service of one scripted handler, with a database and a vhost of its own, behind a proxy that can hurt it. */
export class TransportBench {
  script = new Script(handleIt);
  private served: { readonly app: INestMicroservice; readonly transport: RabbitMqTransport } | undefined;

  private constructor(
    readonly session: DataSource,
    readonly onlooker: Onlooker,
    readonly proxy: FaultProxy,
    private readonly resources: { readonly database: TestDatabase; readonly vhost: TestVhost },
  ) {}

  static async open(broker?: TestVhost): Promise<TransportBench> {
    const [database, vhost] = await Promise.all([testDatabase(), broker ?? testVhost()]);
    const [session, onlooker, proxy] = await Promise.all([
      openDatabase(database),
      Onlooker.at(vhost),
      FaultProxy.before(vhost.amqpUrl),
    ]);
    return new TransportBench(session, onlooker, proxy, { database, vhost });
  }

  /** The broker's own address, past the proxy. */
  get brokerUrl(): string {
    return this.resources.vhost.amqpUrl;
  }

  get transport(): RabbitMqTransport {
    if (this.served === undefined) throw new Error('start the bench first');
    return this.served.transport;
  }

  /** Ends the service that runs, if any, and starts another. */
  async start(
    overrides: Partial<RabbitMqTransportOptions> = {},
    act: Act = handleIt,
    session: SqlSession = this.session,
    controllers: readonly Type[] = [ScriptedController],
    providers: readonly Type[] = [],
  ): Promise<void> {
    await this.stop();
    this.script = new Script(act);
    const transport = transportFor(this.proxy.url, session, overrides);
    this.served = { transport, app: await serve(transport, this.script, controllers, providers) };
  }

  async stop(): Promise<void> {
    const { served } = this;
    this.served = undefined;
    await served?.app.close();
  }

  /** After each test: nothing of it is left for the next. */
  async clear(): Promise<void> {
    this.proxy.disarmAll();
    this.proxy.releaseAll();
    await this.proxy.accept();
    await this.stop();
    await this.onlooker.channel.purgeQueue('once.order');
    await this.session.query('truncate failed_delivery, delivery_attempt');
  }

  async close(): Promise<void> {
    await this.proxy.close();
    await this.onlooker.close();
    await this.session.destroy();
    await Promise.all([this.resources.database.close(), this.resources.vhost.close()]);
  }

  send(body: Buffer): void {
    this.onlooker.channel.publish('once', 'order', body, { persistent: true });
  }

  untilUp(): Promise<void> {
    return untilUp(this.transport);
  }

  untilDown(): Promise<void> {
    return eventually(() => assert.equal(this.transport.state(), 'down'), { everyMs: 1, withinMs: 10_000 });
  }

  untilDelivered(count: number): Promise<void> {
    return eventually(() => assert.ok(this.script.deliveries.length >= count), { withinMs: 15_000 });
  }

  async waiting(): Promise<number> {
    return (await this.onlooker.channel.checkQueue('once.order')).messageCount;
  }

  async consumers(): Promise<number> {
    return (await this.onlooker.channel.checkQueue('once.order')).consumerCount;
  }
}

function handleIt(): Promise<Verdict> {
  return Promise.resolve(done);
}
