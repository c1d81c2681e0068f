import { testDatabase, testVhost, vhostUser } from '@once/testing';
import { expect, it, onTestFinished } from 'vitest';
import { insertDue, makeDue, openDatabase, outgoing, publisherFor, relayFor, untilUp } from './support.js';

it('keeps what it may not declare a queue for, until the owner of the queue has', async () => {
  const [database, vhost] = await Promise.all([testDatabase(), testVhost()]);
  const session = await openDatabase(database);
  const user = await vhostUser(vhost, { configure: '^once(\\.dead)?$', write: '^once(\\.dead)?$', read: '^$' });
  onTestFinished(async () => {
    await session.destroy();
    await user.remove();
    await Promise.all([vhost.close(), database.close()]);
  });
  const confined = publisherFor(user.amqpUrl, { services: ['order', 'payment'] });
  onTestFinished(() => confined.close());
  await untilUp(confined);
  const relay = relayFor(session, confined);
  await insertDue(session, [outgoing({ destination: 'payment' })]);
  expect(await relay.runOnce()).toEqual({ claimed: 1, confirmed: 0, postponed: 1 });

  const owner = publisherFor(vhost.amqpUrl, { services: ['payment'] });
  onTestFinished(() => owner.close());
  await untilUp(owner);
  await makeDue(session);
  expect(await relay.runOnce()).toEqual({ claimed: 1, confirmed: 1, postponed: 0 });
});
