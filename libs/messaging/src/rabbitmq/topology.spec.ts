import { describe, expect, it } from 'vitest';
import { topologyOf } from './topology.js';

describe('topology', () => {
  it('gives each service a quorum queue with a net under it, reached by its name', () => {
    const { queues, bindings } = topologyOf(['order']);
    expect(queues).toMatchObject([
      {
        name: 'once.order',
        options: {
          durable: true,
          arguments: {
            'x-queue-type': 'quorum',
            'x-delivery-limit': 20,
            'x-dead-letter-exchange': 'once.dead',
            'x-dead-letter-strategy': 'at-least-once',
            'x-overflow': 'reject-publish',
          },
        },
      },
      { name: 'once.order.dead', options: { durable: true, arguments: { 'x-queue-type': 'quorum' } } },
    ]);
    expect(bindings).toEqual([
      { queue: 'once.order', exchange: 'once', routingKey: 'order' },
      { queue: 'once.order.dead', exchange: 'once.dead', routingKey: 'order' },
    ]);
  });

  it('declares the exchanges once, however many services there are', () => {
    expect(topologyOf(['order', 'payment']).exchanges.map(({ name }) => name)).toEqual(['once', 'once.dead']);
  });
});
