import { randomUUID } from 'node:crypto';
import { eventually, spawnSystem, type SpawnedSystem } from '@once/testing';
import { Client } from 'pg';
import supertest from 'supertest';
import { beforeAll, describe, expect, it } from 'vitest';

let system: SpawnedSystem;

beforeAll(async () => {
  system = await spawnSystem();
});

interface SentCommand {
  readonly type: 'authorise-payment' | 'return-payment';
  readonly orderId: string;
  readonly sagaId: string;
  readonly amount: number;
  readonly ageDays: number;
}

/** Leaves the order service with a command in its outbox; an old one was kept by a backup, or by a queue. */
async function send({ type, orderId, sagaId, amount, ageDays }: SentCommand): Promise<void> {
  const isReturn = type === 'return-payment';
  const operation = {
    sagaId,
    step: 'authorise-payment',
    direction: isReturn ? 'compensation' : 'action',
    generation: 1,
  };
  const charge = isReturn ? {} : { amount, currency: 'EUR', method: 'pm_card_visa' };
  const database = new Client({ connectionString: system.databases.order.url });
  await database.connect();
  await database.query(
    `insert into outbox_message (id, destination, type, version, saga_id, payload, created_at)
     values ($1, 'payment', $2, 1, $3, $4, clock_timestamp() - make_interval(days => $5))`,
    [randomUUID(), type, sagaId, JSON.stringify({ operation, orderId, ...charge }), ageDays],
  );
  await database.end();
}

async function sendOldCommand(type: SentCommand['type']): Promise<string> {
  const orderId = randomUUID();
  await send({ type, orderId, sagaId: randomUUID(), amount: 1200, ageDays: 35 });
  return orderId;
}

const deadLetters = async (): Promise<unknown> =>
  (await supertest(system.payment.url).get('/operator/dead-letters').set('Authorization', 'Bearer op_demo')).body;

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
      expect(await deadLetters()).toMatchObject({ data: [{ type: 'authorise-payment', reason: 'too_old' }] });
    });
    expect(await goalOf(orderId)).toBeUndefined();
    expect((await supertest(system.sandbox.url).get(`/sandbox/calls?order_id=${orderId}`)).body).toEqual([]);
  });

  it('is obeyed when it gives money back', async () => {
    const orderId = await sendOldCommand('return-payment');
    await eventually(async () => expect(await goalOf(orderId)).toBe('return'));
  });
});

describe('a command that comes again with another amount', () => {
  it('is refused and sets off an alarm, and what was done stays as it was', async () => {
    const command = { type: 'authorise-payment', orderId: randomUUID(), sagaId: randomUUID(), ageDays: 0 } as const;
    const ledger = async (): Promise<unknown> =>
      (await supertest(system.sandbox.url).get(`/sandbox/ledger?order_id=${command.orderId}`)).body;
    await send({ ...command, amount: 1200 });
    await eventually(async () => expect(await ledger()).toMatchObject([{ kind: 'authorise', amount: 1200 }]));

    await send({ ...command, amount: 1 });
    const reason = 'the same operation came before with other fields';
    await eventually(async () => {
      expect(await deadLetters()).toMatchObject({
        data: expect.arrayContaining([expect.objectContaining({ type: 'authorise-payment', reason })]),
      });
    });
    expect(await ledger()).toMatchObject([{ kind: 'authorise', amount: 1200 }]);
    const { text } = await supertest(system.payment.url).get('/metrics');
    expect(text).toMatch(/^once_idempotency_mismatches_total\{.*door="step".*\} 1$/m);
    expect(text).toMatch(/^once_messaging_dead_lettered_total\{.*reason="refused".*\} /m);
  });
});
