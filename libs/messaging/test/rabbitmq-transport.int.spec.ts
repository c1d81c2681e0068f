import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { INestMicroservice } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { eventually, testDatabase, testVhost, type TestDatabase, type TestVhost } from '@once/testing';
import { rowsOf, type RabbitMqTransport } from '../src/index.js';
import { bodyOf, Onlooker, openDatabase, outgoing, untilUp } from './support.js';
import { Script, serve, transportFor } from './transport-support.js';

describe('RabbitMQ transport', () => {
  let database: TestDatabase;
  let vhost: TestVhost;
  let session: DataSource;
  let onlooker: Onlooker;
  let transport: RabbitMqTransport;
  let script: Script;
  let app: INestMicroservice;

  beforeAll(async () => {
    [database, vhost] = await Promise.all([testDatabase(), testVhost()]);
    session = await openDatabase(database);
    onlooker = await Onlooker.at(vhost);
  });
  beforeEach(async () => {
    script = new Script();
    transport = transportFor(vhost.amqpUrl, session);
    app = await serve(transport, script);
    await untilUp(transport);
  });
  afterEach(async () => {
    await app.close();
    await onlooker.drain('once.order');
    await session.query('delete from failed_delivery');
    await session.query('delete from delivery_attempt');
  });
  afterAll(async () => {
    await onlooker.close();
    await session.destroy();
    await Promise.all([database.close(), vhost.close()]);
  });

  const send = (body: Buffer): void => void onlooker.channel.publish('once', 'order', body, { persistent: true });

  it('gives a handler its payload and envelope and acknowledges what is done', async () => {
    const message = outgoing({ payload: { amount: 1200 }, sagaId: 'saga-1' });
    send(bodyOf(message));
    await eventually(() => expect(script.deliveries).toHaveLength(1));
    expect(script.deliveries[0]?.envelope).toMatchObject({
      id: message.id,
      sagaId: 'saga-1',
      payload: { amount: 1200 },
    });
    expect(script.deliveries[0]?.attempt).toBe(1);
    await app.close();
    expect(await onlooker.drain('once.order')).toEqual([]);
  });

  it('makes a message of unknown type a dead letter with its reason and bytes', async () => {
    const body = bodyOf(outgoing({ type: 'test.unknown' }));
    send(body);
    const [row] = await eventually(async () => {
      const rows = rowsOf<{ body: Buffer; reason: string; dead_lettered_at: Date }>(
        await session.query('select * from failed_delivery'),
      );
      expect(rows).toHaveLength(1);
      return rows;
    });
    expect(row?.body.equals(body)).toBe(true);
    expect(row?.reason).toContain('test.unknown');
    expect(row?.dead_lettered_at).toBeInstanceOf(Date);
  });
});
