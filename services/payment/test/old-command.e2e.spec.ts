import { randomUUID } from 'node:crypto';
import { eventually, spawnSystem, type SpawnedSystem } from '@once/testing';
import { Client } from 'pg';
import supertest from 'supertest';
import { beforeAll, describe, expect, it } from 'vitest';

let system: SpawnedSystem;

beforeAll(async () => {
  system = await spawnSystem();
});

/** Leaves the order service with a command in its outbox that a backup, or a queue, kept for 35 days. */
async function sendOldCommand(type: 'authorise-payment' | 'return-payment'): Promise<string> {
  const orderId = randomUUID();
  const [messageId, sagaId] = [randomUUID(), randomUUID()];
  const isReturn = type === 'return-payment';
  const operation = {
    sagaId,
    step: 'authorise-payment',
    direction: isReturn ? 'compensation' : 'action',
    generation: 1,
  };
  const charge = isReturn ? {} : { amount: 1200, currency: 'EUR', method: 'pm_card_visa' };
  const database = new Client({ connectionString: system.databases.order.url });
  await database.connect();
  await database.query(
    `insert into outbox_message (id, destination, type, version, saga_id, payload, created_at)
     values ($1, 'payment', $2, 1, $3, $4, clock_timestamp() - interval '35 days')`,
    [messageId, type, sagaId, JSON.stringify({ operation, orderId, ...charge })],
  );
  await database.end();
  return orderId;
}

const goalOf = async (orderId: string): Promise<string | undefined> => {
  const database = new Client({ connectionString: system.databases.payment.url });
  await database.connect();
  const { rows } = await database.query<{ goal: string }>('select goal from payment where order_id = $1', [orderId]);
  await database.end();
  return rows[0]?.goal;
};

describe('a command that comes 35 days late', () => {
  it('becomes a dead letter when it would take money: too_old, without a call', async () => {
    const orderId = await sendOldCommand('authorise-payment');
    await eventually(async () => {
      const letters = await supertest(system.payment.url)
        .get('/operator/dead-letters')
        .set('Authorization', 'Bearer op_demo');
      expect(letters.body).toMatchObject({ data: [{ type: 'authorise-payment', reason: 'too_old' }] });
    });
    expect(await goalOf(orderId)).toBeUndefined();
    expect((await supertest(system.sandbox.url).get(`/sandbox/calls?order_id=${orderId}`)).body).toEqual([]);
  });

  it('is obeyed when it gives money back', async () => {
    const orderId = await sendOldCommand('return-payment');
    await eventually(async () => expect(await goalOf(orderId)).toBe('return'));
  });
});
