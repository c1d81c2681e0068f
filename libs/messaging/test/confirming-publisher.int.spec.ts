import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FaultProxy, testVhost, type TestVhost } from '@once/testing';
import type { ConfirmingPublisher } from '../src/index.js';
import { toPublications, type Publication } from '../src/publication.js';
import { Onlooker, outgoing, publisherFor, untilUp } from './support.js';

describe('confirming publisher', () => {
  let vhost: TestVhost;
  let proxy: FaultProxy;
  let publisher: ConfirmingPublisher;

  beforeEach(async () => {
    vhost = await testVhost();
    proxy = await FaultProxy.before(vhost.amqpUrl);
    publisher = publisherFor(proxy.url, { confirmMs: 300 });
    await untilUp(publisher);
  });
  afterEach(async () => {
    await publisher.close();
    await proxy.close();
    await vhost.close();
  });

  it('gives a broker up that does not confirm in time, and publishes again over another connection', async () => {
    const held = proxy.arm({ moment: 'before', event: 'confirm', action: { kind: 'hold' } });
    const publication = publicationOf('0192');
    expect(await publisher.publish(publication)).toEqual({ kind: 'failed', reason: 'no confirm within 300 ms' });
    await untilUp(publisher); // although nothing has passed on the first connection since
    expect(await publisher.publish(publication)).toEqual({ kind: 'confirmed' });
    held.release();
    const onlooker = await Onlooker.at(vhost);
    expect(await onlooker.drainBodies('once.order')).toEqual([publication.body, publication.body]);
    await onlooker.close();
  });
});

function publicationOf(payload: string): Publication {
  const [publication] = toPublications([{ ...outgoing({ payload }), committedAt: new Date(0) }], 1);
  if (publication === undefined) throw new Error('no publication');
  return publication;
}
