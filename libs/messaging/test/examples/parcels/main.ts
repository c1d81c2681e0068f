import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { Body, Controller, Inject, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Payload } from '@nestjs/microservices';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import {
  CreateFailedDelivery1700000000021,
  CreateOutboxMessage1700000000020,
  done,
  insertOutbox,
  MessageController,
  Messaging,
  mintMessage,
  OnMessage,
  refuse,
  rowsOf,
  silentLogger,
  silentObserver,
  type Verdict,
} from '@once/messaging';
import { DataSource } from 'typeorm';

const shipParcel = { type: 'ship-parcel', destination: 'shop', version: 1 };

/** An order and the message that it causes, in one statement: both or neither. */
@Controller('orders')
class OrdersController {
  constructor(
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(Messaging) private readonly messaging: Messaging,
  ) {}

  @Post()
  async place(@Body() { article }: { article: string }): Promise<{ id: string }> {
    const id = randomUUID();
    const message = mintMessage(shipParcel, { id, article }, { sagaId: null, causationId: id });
    const result = await this.database.query(
      `with member as (select $1::uuid as id, $2::jsonb as messages),
            placed as (insert into shop_order (id) select id from member),
            sent as (${insertOutbox('member')})
       select created_at as "committedAt" from sent`,
      [id, JSON.stringify([message])],
    );
    const committed = rowsOf<{ committedAt: Date }>(result).map((row) => ({ ...message, ...row }));
    this.messaging.relay.publishCommitted(committed); // an optimisation: without it the sweep sends it
    return { id };
  }
}

/** A delivery may come twice; the key of the table is what makes it one parcel. */
@MessageController()
class ParcelsController {
  constructor(@Inject(DataSource) private readonly database: DataSource) {}

  @OnMessage(shipParcel.type)
  async ship(@Payload() { id, article }: { id: string; article: string }): Promise<Verdict> {
    if (article === 'anvil') return refuse('nobody carries an anvil');
    await this.database.query('insert into parcel (order_id, article) values ($1, $2) on conflict do nothing', [
      id,
      article,
    ]);
    return done;
  }
}

const database = await new DataSource({
  type: 'postgres',
  url: process.env['DATABASE_URL'] ?? 'postgres://localhost/shop',
  migrations: [CreateOutboxMessage1700000000020, CreateFailedDelivery1700000000021],
}).initialize();
await database.runMigrations();
await database.query('create table if not exists shop_order (id uuid primary key)');
await database.query('create table if not exists parcel (order_id uuid primary key, article text not null)');

const messaging = new Messaging(
  {
    service: 'shop',
    processName: 'shop-0',
    destinations: ['shop'],
    urls: [process.env['AMQP_URL'] ?? 'amqp://localhost'],
    sweepMs: 1_000,
    backoffMaxMs: 30_000,
    handlerMs: 10_000,
    holdMs: 30_000,
    batchMax: 50,
    outboxRowsMax: 100_000,
    retentionMs: 86_400_000,
  },
  database,
  silentObserver,
  silentLogger,
);

@Module({
  controllers: [OrdersController, ParcelsController],
  providers: [
    { provide: DataSource, useValue: database },
    { provide: Messaging, useValue: messaging },
  ],
})
class ShopModule {}

const app = await NestFactory.create(ShopModule, new FastifyAdapter());
app.connectMicroservice({ strategy: messaging.transport });
await app.init();
messaging.start();
await app.startAllMicroservices();
for (const { runOnce, intervalMs } of messaging.agents) {
  setInterval(() => void runOnce().catch(() => undefined), intervalMs).unref(); // the database may be away
}
await app.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1');

process.once('SIGTERM', () => {
  void app
    .close() // stops consuming, finishes and acknowledges what is in flight
    .then(() => messaging.stop()) // sends what memory holds
    .then(() => database.destroy());
});
