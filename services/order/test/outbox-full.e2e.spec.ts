import { eventually, ownBroker, spawnSystem, type OwnBroker, type SpawnedSystem } from '@once/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OrderApi, type OrderBody } from './order-api.js';

const OUTBOX_MAX_ROWS = 5;

/** The outbox is sampled this often; orders that come in between are still accepted. */
const OUTBOX_SWEEP_MS = 100;

/** Far more than come between two samples. */
const ORDERS_MAX = 200;

const keyOf = (n: number): string => `away-${n}`;

interface Accepted {
  readonly key: string;
  readonly text: string;
}

/** The broker is stopped, as for an upgrade that takes too long. */
describe('orders while the broker is away', () => {
  const accepted: Accepted[] = [];
  let broker: OwnBroker;
  let system: SpawnedSystem;
  let api: OrderApi;

  beforeAll(async () => {
    broker = await ownBroker();
    const env = { OUTBOX_MAX_ROWS: String(OUTBOX_MAX_ROWS), OUTBOX_SWEEP_MS: String(OUTBOX_SWEEP_MS) };
    system = await spawnSystem({ env, broker });
    api = new OrderApi(system);
    await broker.stop();
  });
  afterAll(() => broker.close());

  it('are accepted until the outbox is full, and then refused without a trace', async () => {
    let answer = await place();
    while (answer.status === 202 && accepted.length < ORDERS_MAX) answer = await place();
    expect({ status: answer.status, body: answer.body as unknown }).toMatchObject({
      status: 503,
      body: { type: '/problems/unavailable', detail: expect.stringContaining('wait for the message broker') as string },
    });
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    expect(accepted.length).toBeGreaterThanOrEqual(OUTBOX_MAX_ROWS);
    expect(await orders()).toHaveLength(accepted.length);
  });

  /** Each under the next key; the one that is refused is not counted. */
  const place = async () => {
    const key = keyOf(accepted.length);
    const answer = await api.place({ key });
    if (answer.status === 202) accepted.push({ key, text: answer.text });
    return answer;
  };

  it('that were accepted are answered as before while others are refused', async () => {
    const repeats = await Promise.all(accepted.map(({ key }) => api.place({ key })));
    expect(repeats.map(({ status, text }) => [status, text])).toEqual(accepted.map(({ text }) => [202, text]));
  });

  it('all end when it is back, and the refused key places an order', async () => {
    await broker.start();
    await eventually(
      async () => expect(new Set((await orders()).map(({ status }) => status))).toEqual(new Set(['confirmed'])),
      { withinMs: 60_000, everyMs: 250 },
    );
    const placed = await eventually(async () => {
      const answer = await api.place({ key: keyOf(accepted.length) });
      expect(answer.status).toBe(202);
      return answer;
    });
    expect((await orders()).map(({ id }) => id)).toContain((placed.body as OrderBody).id);
    for (const { text } of accepted) {
      const { id } = JSON.parse(text) as OrderBody;
      expect((await api.ledgerOf(id)).map(({ kind }) => kind)).toEqual(['authorise', 'capture']);
    }
  });

  const orders = async (): Promise<readonly OrderBody[]> =>
    ((await api.get('/orders?limit=100')).body as { data: readonly OrderBody[] }).data;
});
