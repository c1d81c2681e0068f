import { connect } from 'amqplib';
import { describe, expect, it } from 'vitest';
import { testVhost } from '../src/index.js';

describe('testVhost', () => {
  it('carries messages on quorum queues', async () => {
    const vhost = await testVhost();
    const connection = await connect(vhost.amqpUrl);
    const channel = await connection.createConfirmChannel();
    await channel.assertQueue('own', { durable: true, arguments: { 'x-queue-type': 'quorum' } });
    channel.sendToQueue('own', Buffer.from('hello'));
    await channel.waitForConfirms();
    const message = await channel.get('own', { noAck: true });
    expect(message && message.content.toString()).toBe('hello');
    await connection.close();
    await vhost.close();
  });

  it('is gone with its queues after close', async () => {
    const vhost = await testVhost();
    await vhost.close();
    await expect(vhost.manage('GET', `/api/vhosts/${vhost.name}`)).rejects.toThrow(/404/);
    await expect(connect(vhost.amqpUrl)).rejects.toThrow(/ConnectionClose/);
  });
});
