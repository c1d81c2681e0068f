import { randomUUID } from 'node:crypto';
import { spawnService, spawnSystem } from '@once/testing';
import type { Response } from 'supertest';
import { beforeAll, describe, expect, it } from 'vitest';
import { OrderApi, type OrderBody } from './order-api.js';

/** Long enough for every twin to be answered on a busy machine. */
const PATIENT = { IDEMPOTENCY_WAIT_MS: '20000' } as const;

let replicas: readonly OrderApi[];

beforeAll(async () => {
  const system = await spawnSystem({ env: PATIENT });
  const second = await spawnService({
    name: 'order',
    replica: 1,
    env: {
      ...PATIENT,
      AMQP_URL: system.broker.amqpUrl,
      DATABASE_URL: system.databases.order.url,
      LOG_LEVEL: 'warn',
    },
  });
  replicas = [new OrderApi(system), new OrderApi({ ...system, order: second })];
});

/** Requests at the same time, to one replica and the other in turn. */
const atOnce = (count: number, send: (api: OrderApi, index: number) => PromiseLike<Response>): Promise<Response[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => send(replicaAt(index), index)));
const replicaAt = (index: number): OrderApi => {
  const replica = replicas[index % replicas.length];
  if (replica === undefined) throw new Error('there is no replica');
  return replica;
};
const ordersOf = async (ids: readonly string[]): Promise<readonly string[]> => {
  const { data } = (await replicaAt(0).get('/orders?limit=100')).body as { data: readonly OrderBody[] };
  return data.map(({ id }) => id).filter((id) => ids.includes(id));
};
const idsOf = (answers: readonly Response[]): readonly string[] => [
  ...new Set(answers.map(({ body }) => (body as OrderBody).id)),
];
const isFirst = ({ headers }: Response): boolean => headers['idempotent-replayed'] === undefined;

describe('two replicas of the order service', () => {
  it('make one order of 100 simultaneous twins, and give all of them its answer', async () => {
    const key = randomUUID();
    const answers = await atOnce(100, (api) => api.place({ key }));

    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    expect(new Set(answers.map(({ text, headers }) => `${headers['location']} ${text}`)).size).toBe(1);
    expect(answers.filter(isFirst)).toHaveLength(1);
    const ids = idsOf(answers);
    expect(await ordersOf(ids)).toEqual(ids);
  });

  it('execute one of two bodies that are in flight under one key, and refuse the other', async () => {
    const key = randomUUID();
    const answers = await atOnce(40, (api, index) => api.place({ key, quantity: 1 + (index % 4 < 2 ? 0 : 1) }));

    const accepted = answers.filter(({ status }) => status === 202);
    const refused = answers.filter(({ status }) => status === 422);
    expect([accepted.length, refused.length]).toEqual([20, 20]);
    expect(new Set(accepted.map(({ text }) => text)).size).toBe(1);
    expect(accepted.filter(isFirst)).toHaveLength(1);
    for (const { body } of refused) expect(body).toMatchObject({ type: '/problems/key-reused', safeNewKey: true });
  });

  it('take one key on the cancel routes of two orders for two keys', async () => {
    const key = randomUUID();
    const [left, right] = idsOf(await atOnce(2, (api) => api.place({ method: 'pm_card_visa' })));
    const cancel = (api: OrderApi, id = '') =>
      api.request().post(`/orders/${id}/cancel`).set('Authorization', 'Bearer sk_demo').set('Idempotency-Key', key);
    const answers = await atOnce(4, (api, index) => cancel(api, index % 4 < 2 ? left : right));

    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202]);
    expect(answers.map(({ body }) => (body as OrderBody).id)).toEqual([left, left, right, right]);
    expect(answers.filter(isFirst)).toHaveLength(2);
  });
});
