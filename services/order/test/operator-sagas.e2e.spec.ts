import { randomUUID } from 'node:crypto';
import { spawnService, testDatabase, testVhost, type SpawnedService, type TestDatabase } from '@once/testing';
import { Client } from 'pg';
import supertest from 'supertest';
import { beforeAll, describe, expect, it } from 'vitest';

interface SagaBody {
  readonly id: string;
  readonly orderId: string;
  readonly status: string;
}

let order: SpawnedService;
let database: TestDatabase;

// Alone: no payment service answers, so a saga stays where it is put.
beforeAll(async () => {
  const [testedOn, vhost] = await Promise.all([testDatabase(), testVhost()]);
  database = testedOn;
  order = await spawnService({
    name: 'order',
    env: {
      DATABASE_URL: database.url,
      AMQP_URL: vhost.amqpUrl,
      SAGA_STEP_TIMEOUT_MS: '600000',
      SAGA_GIVE_UP_MS: '1200000',
      // Nobody answers the question that comes before a resolution, which waits as long as this.
      IDEMPOTENCY_LEASE_MS: '1000',
    },
  });
});

const operator = (method: 'get' | 'post', path: string, key = 'op_demo') =>
  supertest(order.url)[method](path).set('Authorization', `Bearer ${key}`);

const resolve = (id: string, resolution: string, note = 'looked at the provider') =>
  operator('post', `/operator/sagas/${id}/resolve`).send({ resolution, note });

const list = async (query: string) => (await operator('get', `/operator/sagas?${query}`)).body;

const execute = async (statement: string, values: unknown[]): Promise<void> => {
  const client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query(statement, values);
  await client.end();
};

/** An order whose saga is parked while it waits for its authorisation; the payment service said last what is given. */
const parkedSaga = async (paymentStatus = 'pending', sku = 'mug'): Promise<SagaBody> => {
  const placed = await supertest(order.url)
    .post('/orders')
    .set('Authorization', 'Bearer sk_demo')
    .set('Idempotency-Key', randomUUID())
    .send({
      customer: { email: 'ada@example.com' },
      items: [{ sku, quantity: 1 }],
      payment: { method: 'pm_card_visa' },
    });
  const { id } = placed.body as { id: string };
  await execute(
    `update saga set state = 'parked', parked_reason = 'provider_is_unclear', parked_at = now(), version = version + 1
      where subject_id = $1`,
    [id],
  );
  await execute(
    `update customer_order set status = 'parked', payment = jsonb_set(payment, '{status}', to_jsonb($2::text)) where id = $1`,
    [id, paymentStatus],
  );
  const { data } = (await list('status=parked&limit=100')) as { data: SagaBody[] };
  const found = data.find(({ orderId }) => orderId === id);
  if (found === undefined) throw new Error(`no parked saga of order ${id}`);
  return found;
};

const timelineOf = async (orderId: string) => {
  const { body } = await supertest(order.url).get(`/orders/${orderId}/timeline`).set('Authorization', 'Bearer sk_demo');
  return (body as { data: { event: string; step: string | null; attempt: number | null; detail: unknown }[] }).data;
};

describe('the list of sagas', () => {
  it('shows a parked one with the reason in words and the money at stake', async () => {
    const saga = await parkedSaga('pending', 'tee');

    expect(saga).toEqual({
      id: expect.any(String) as string,
      orderId: saga.orderId,
      kind: 'checkout',
      step: 'authorise-payment',
      status: 'parked',
      reason: 'the answer to authorise-payment does not decide: provider is unclear',
      since: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string,
      moneyAtStake: 2500,
      currency: 'EUR',
    });
  });

  it('has the oldest first, page by page', async () => {
    const placed = [await parkedSaga(), await parkedSaga(), await parkedSaga()].map(({ id }) => id);
    const ids: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page = (await list(`status=parked&limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`)) as {
        data: SagaBody[];
        nextCursor: string | null;
      };
      ids.push(...page.data.map(({ id }) => id));
      cursor = page.nextCursor;
    }
    expect(ids.slice(-3)).toEqual(placed);
    expect(ids.toSorted()).toEqual(ids);
  });

  it.each(['status=lost', 'cursor=x', 'limit=0', 'page=2'])('refuses %s', async (query) => {
    expect(await list(query)).toMatchObject({ type: '/problems/invalid-request', status: 400 });
  });

  it("is closed to customers' keys and to strangers", async () => {
    expect((await operator('get', '/operator/sagas', 'sk_demo')).status).toBe(403);
    expect((await operator('get', '/operator/sagas', 'nobody')).status).toBe(401);
  });
});

describe('resolving a saga', () => {
  it('as applied goes on, and keeps in the timeline what was said and why', async () => {
    const { id, orderId } = await parkedSaga('authorised');
    const resolved = await resolve(id, 'applied', 'intent requires_capture, ticket 42');

    expect(resolved.status, resolved.text).toBe(200);
    expect(resolved.body).toMatchObject({ id, orderId, status: 'running', step: 'capture-payment' });
    const contract = ['currency', 'id', 'kind', 'moneyAtStake', 'orderId', 'reason', 'since', 'status', 'step'];
    expect(Object.keys(resolved.body as object).toSorted()).toEqual(contract);
    const lines = (await timelineOf(orderId)).slice(-2);
    expect(lines.map(({ event, step }) => [event, step])).toEqual([
      ['resolved', 'authorise-payment'],
      ['sent', 'capture-payment'],
    ]);
    expect(lines[0]?.detail).toEqual({
      resolution: 'applied',
      note: 'intent requires_capture, ticket 42',
      learned: expect.stringContaining('said last that the payment is authorised') as string,
    });
  });

  it('as not applied returns what there may be after all', async () => {
    const { id, orderId } = await parkedSaga();

    expect((await resolve(id, 'not_applied')).body).toMatchObject({
      status: 'compensating',
      step: 'authorise-payment',
    });
    expect((await timelineOf(orderId)).slice(-1)).toMatchObject([
      { event: 'sent', step: 'authorise-payment', direction: 'compensation', detail: { command: 'return-payment' } },
    ]);
  });

  it('by asking again leaves it parked until the answer comes', async () => {
    const { id, orderId } = await parkedSaga();

    expect((await resolve(id, 'retry')).body).toMatchObject({ status: 'parked' });
    expect((await timelineOf(orderId)).slice(-2)).toMatchObject([{ event: 'resolved' }, { event: 'sent', attempt: 2 }]);
  });

  it('against the word of the payment service is refused, and does nothing but ask', async () => {
    const { id, orderId } = await parkedSaga('voided');
    const before = await timelineOf(orderId);
    const refused = await resolve(id, 'applied');

    expect(refused.status).toBe(409);
    expect(refused.body).toMatchObject({
      type: '/problems/conflict',
      detail: expect.stringMatching(
        /^The payment service did not answer within \d+ ms, and said last that the payment is voided, so it cannot be settled/,
      ) as string,
    });
    const after = await timelineOf(orderId);
    expect(after.slice(0, before.length)).toEqual(before);
    expect(after.slice(before.length)).toMatchObject([{ event: 'sent', step: 'authorise-payment', attempt: 2 }]);
  });

  it('is refused when it is not parked, also to the slower of two operators', async () => {
    const { id } = await parkedSaga();
    const answers = await Promise.all([resolve(id, 'not_applied'), resolve(id, 'not_applied')]);

    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409]);
    expect((await resolve(id, 'retry')).body).toMatchObject({
      status: 409,
      detail: 'The saga is compensating; only a parked one can be resolved.',
    });
  });

  it('is refused when this process does not know its definition, whose saga stays parked', async () => {
    const { id } = await parkedSaga();
    await execute(
      `update saga set definition_version = 99, parked_reason = 'definition checkout 99 is not known', version = version + 1
        where id = $1`,
      [id],
    );

    expect((await resolve(id, 'not_applied')).body).toMatchObject({
      status: 409,
      detail: 'This process cannot read the saga: definition checkout 99 is not known.',
    });
  });

  it('needs a resolution, and a note that says how the operator knows', async () => {
    const { id } = await parkedSaga();

    const { body } = await operator('post', `/operator/sagas/${id}/resolve`).send({ resolution: 'maybe' });
    expect(body).toMatchObject({ status: 400, errors: [{ field: 'resolution' }, { field: 'note' }] });
    expect((await resolve(id, 'retry', '  ')).body).toMatchObject({ status: 400, errors: [{ field: 'note' }] });
  });

  it.each([randomUUID(), '42'])('of an unknown id is not found: %s', async (id) => {
    expect((await resolve(id, 'retry')).body).toMatchObject({ status: 404, type: '/problems/not-found' });
  });
});
