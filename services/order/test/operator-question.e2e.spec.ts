import { eventually, spawnSystem } from '@once/testing';
import { Client } from 'pg';
import supertest from 'supertest';
import { describe, expect, it } from 'vitest';
import { OrderApi, type OrderBody } from './order-api.js';

const SETTINGS = { SAGA_STEP_TIMEOUT_MS: '600000', SAGA_GIVE_UP_MS: '1200000' } as const;

describe('a saga that an operator resolves', () => {
  it('is decided by the provider when that has an answer after all', async () => {
    const system = await spawnSystem({ env: SETTINGS });
    const api = new OrderApi(system);

    // Parked before the payment service has heard of it; then its answer is lost on the way.
    await system.payment.stop();
    const { id } = (await api.place()).body as OrderBody;
    const client = new Client({ connectionString: system.databases.order.url });
    await client.connect();
    await client.query(
      `update saga set state = 'parked', parked_reason = 'unclear', parked_at = now(), version = version + 1`,
    );
    const { rows } = await client.query<{ id: string }>('select id from saga');
    await client.end();
    await system.order.stop();
    await system.payment.start();
    await eventually(async () => expect(await api.ledgerOf(id)).toMatchObject([{ kind: 'authorise' }]), {
      withinMs: 20_000,
    });
    const queue = `/api/queues/${system.broker.name}/once.order`;
    await eventually(async () => expect(await waitingAt(system.broker, queue)).toBe(1), { withinMs: 20_000 });
    await system.broker.manage('DELETE', `${queue}/contents`);
    await system.order.start();

    const resolved = await supertest(system.order.url)
      .post(`/operator/sagas/${rows[0]?.id}/resolve`)
      .set('Authorization', 'Bearer op_demo')
      .send({ resolution: 'not_applied', note: 'cannot find it' });

    expect(resolved.status, resolved.text).toBe(409);
    expect(resolved.body).toMatchObject({
      detail: expect.stringMatching(
        /^Asked just now, the payment service says that the payment is (authorised|captured)/,
      ) as string,
    });
    await eventually(async () => expect(await api.read(id)).toMatchObject({ status: 'confirmed' }), {
      withinMs: 20_000,
    });
    expect((await api.ledgerOf(id)).map(({ kind }) => kind)).toEqual(['authorise', 'capture']);
  });
});

/** Messages that wait at a queue, counted by taking one and putting it back: the broker's own counts lag behind. */
const waitingAt = async (
  broker: { manage(method: string, path: string, body?: unknown): Promise<unknown> },
  queue: string,
): Promise<number> => {
  const got = await broker.manage('POST', `${queue}/get`, { count: 5, ackmode: 'ack_requeue_true', encoding: 'auto' });
  return (got as unknown[]).length;
};
