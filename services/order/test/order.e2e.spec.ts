import { randomUUID } from 'node:crypto';
import { eventually, spawnSystem, type SpawnedSystem } from '@once/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { OrderApi, type OrderBody } from './order-api.js';

let system: SpawnedSystem;
let api: OrderApi;

beforeAll(async () => {
  system = await spawnSystem();
  api = new OrderApi(system);
});

interface OpenApiDocument {
  readonly paths: Readonly<
    Record<
      string,
      {
        readonly post: {
          readonly parameters: readonly { name: string; required: boolean; description: string }[];
          readonly responses: Readonly<Record<string, unknown>>;
        };
      }
    >
  >;
}

async function placeAndAwait(order: Parameters<OrderApi['place']>[0], status: string): Promise<OrderBody> {
  const response = await api.place(order);
  expect(response.status, response.text).toBe(202);
  const { id } = response.body as OrderBody;
  return eventually(
    async () => {
      const found = await api.read(id);
      expect(found.status).toBe(status);
      return found;
    },
    { withinMs: 20_000 },
  );
}

async function expectMails(orderId: string, templates: readonly string[]): Promise<void> {
  await eventually(async () => expect((await api.mailsTo(orderId)).map((mail) => mail.template)).toEqual(templates), {
    withinMs: 20_000,
  });
}

describe('a paid order', () => {
  it('is confirmed with one capture at the ledger and one mail', async () => {
    const order = await placeAndAwait({ sku: 'mug', quantity: 2 }, 'confirmed');

    expect(order.amount).toBe(2400);
    expect(order.payment).toEqual({ status: 'captured', capturedAmount: 2400, refundedAmount: 0 });
    expect((await api.ledgerOf(order.id)).map(({ kind, amount }) => [kind, amount])).toEqual([
      ['authorise', 2400],
      ['capture', 2400],
    ]);
    await expectMails(order.id, ['confirmed']);
  });

  it('tells its story in the timeline', async () => {
    const order = await placeAndAwait({}, 'confirmed');
    await expectMails(order.id, ['confirmed']);
    const events = await eventually(async () => {
      const { data } = (await api.get(`/orders/${order.id}/timeline`)).body as {
        data: { seq: number; event: string; step: string | null; cause: number | null }[];
      };
      expect(data.at(-1)?.event).toBe('completed');
      return data;
    });

    expect(events.map(({ event, step }) => [event, step])).toEqual([
      ['started', null],
      ['executed', 'reserve-stock'],
      ['sent', 'authorise-payment'],
      ['replied', 'authorise-payment'],
      ['sent', 'capture-payment'],
      ['replied', 'capture-payment'],
      ['pivoted', null],
      ['sent', 'send-confirmation'],
      ['replied', 'send-confirmation'],
      ['completed', null],
    ]);
    expect(events.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    const text = await api.get(`/orders/${order.id}/timeline`).set('Accept', 'text/plain');
    expect(text.headers['content-type']).toContain('text/plain');
    expect(text.text).toContain('capture-payment');
  });
});

describe('an order that cannot stand', () => {
  it('is cancelled and its stock released when the card is declined', async () => {
    const order = await placeAndAwait({ sku: 'limited', quantity: 10, method: 'pm_card_chargeDeclined' }, 'cancelled');

    expect(order.reason).toBe('card_declined');
    expect(order.payment?.status).toBe('declined');
    expect(await api.ledgerOf(order.id)).toEqual([]);
    await expectMails(order.id, ['cancelled']);
    // All ten units are back: they can be ordered again.
    await placeAndAwait({ sku: 'limited', quantity: 10 }, 'confirmed');
  });

  it('is cancelled without asking the provider when it wants more than the stock', async () => {
    const response = await api.place({ sku: 'limited', quantity: 11 });

    expect(response.status).toBe(202);
    const order = response.body as OrderBody;
    expect(order).toMatchObject({ status: 'cancelled', reason: 'out_of_stock' });
    expect((await api.read(order.id)).payment).toBeNull();
    await expectMails(order.id, ['cancelled']);
    expect(await api.callsFor(order.id)).toEqual([]);
  });
});

describe('a cancelled order', () => {
  it('is refunded once after it was paid, however often it is cancelled', async () => {
    const order = await placeAndAwait({ sku: 'tee' }, 'confirmed');

    const cancel = () => api.request().post(`/orders/${order.id}/cancel`).set('Authorization', 'Bearer sk_demo');
    const [first, second] = await Promise.all([cancel(), cancel()]);
    expect([first.status, second.status]).toEqual([202, 202]);
    expect((first.body as OrderBody).cancelRequestedAt).toBeDefined();

    const cancelled = await eventually(async () => {
      const found = await api.read(order.id);
      expect(found).toMatchObject({ status: 'cancelled', reason: 'requested' });
      return found;
    });
    expect(cancelled.payment).toEqual({ status: 'refunded', capturedAmount: 2500, refundedAmount: 2500 });
    expect((await api.ledgerOf(order.id)).map(({ kind }) => kind)).toEqual(['authorise', 'capture', 'refund']);
    await expectMails(order.id, ['confirmed', 'cancelled']);
    expect((await cancel()).status).toBe(200);
  });

  it('belongs to its account', async () => {
    const { body } = await api.place();
    const { id } = body as OrderBody;
    const foreign = await api.request().post(`/orders/${id}/cancel`).set('Authorization', 'Bearer sk_acme');
    expect(foreign.status).toBe(404);
  });
});

describe('the same key', () => {
  it('gets the same bytes and Location on every repeat', async () => {
    const key = randomUUID();
    const first = await api.place({ key });
    await eventually(async () => expect((await api.read((first.body as OrderBody).id)).status).toBe('confirmed'));
    const repeat = await api.place({ key });

    expect(repeat.status).toBe(202);
    expect(repeat.text).toBe(first.text);
    expect(repeat.headers['location']).toBe(first.headers['location']);
    expect(first.headers['idempotent-replayed']).toBeUndefined();
    expect(repeat.headers['idempotent-replayed']).toBe('true');
  });

  it('makes one order of fifty requests at once', async () => {
    const key = randomUUID();
    const answers = await Promise.all(Array.from({ length: 50 }, () => api.place({ key })));

    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(answers.filter(({ headers }) => headers['idempotent-replayed'] === undefined)).toHaveLength(1);
  });

  it('is refused with another body, and means another order for another account', async () => {
    const key = randomUUID();
    const first = await api.place({ key });
    const other = await api.place({ key, quantity: 2 });
    const foreign = await api.place({ key, apiKey: 'sk_acme' });

    expect(other.status).toBe(422);
    expect(other.body).toMatchObject({ type: '/problems/key-reused', operationState: 'completed', safeNewKey: true });
    expect(foreign.status).toBe(202);
    expect((foreign.body as OrderBody).id).not.toBe((first.body as OrderBody).id);
  });
});

describe('the OpenAPI document', () => {
  it('has the idempotency specification of each operation, with its expiration (draft-07 §2.3, §2.5.1, §2.5.2)', async () => {
    const { paths } = (await api.request().get('/docs-json')).body as OpenApiDocument;
    for (const path of ['/orders', '/orders/{id}/cancel']) {
      const { parameters, responses } = paths[path]?.post ?? { parameters: [], responses: {} };
      const key = parameters.find(({ name }) => name === 'Idempotency-Key');
      expect(key?.required, path).toBe(path === '/orders');
      expect(key?.description, path).toMatch(/one key per intent.*1 to 255 characters.*24 hours/is);
      expect(Object.keys(responses), path).toEqual(expect.arrayContaining(['202', '400', '409', '410', '422']));
    }
  });
});

describe('a request that cannot be accepted', () => {
  it('is told every wrong field', async () => {
    const response = await api
      .request()
      .post('/orders')
      .set('Authorization', 'Bearer sk_demo')
      .set('Idempotency-Key', randomUUID())
      .send({ customer: { email: 'nobody' }, items: [{ sku: 'mug', quantity: 0 }], payment: {}, extra: 1 });

    expect(response.status).toBe(400);
    expect(response.headers['content-type']).toContain('application/problem+json');
    const { errors, ...problem } = response.body as { errors: { field: string }[] };
    expect(problem).toMatchObject({ type: '/problems/invalid-request', operationState: 'none', safeNewKey: true });
    expect(errors.map(({ field }) => field).toSorted()).toEqual([
      'customer.email',
      'extra',
      'items[0].quantity',
      'payment.method',
    ]);
  });

  it('is told that the key is missing or malformed', async () => {
    const body = { customer: { email: 'a@b.co' }, items: [{ sku: 'mug', quantity: 1 }], payment: { method: 'pm_x' } };
    const send = () => api.request().post('/orders').set('Authorization', 'Bearer sk_demo');
    expect((await send().send(body)).body).toMatchObject({ type: '/problems/key-missing', status: 400 });
    expect((await send().set('Idempotency-Key', 'a,b').send(body)).body).toMatchObject({
      type: '/problems/key-malformed',
      status: 400,
    });
  });

  it('needs a known API key', async () => {
    expect((await api.place({ apiKey: 'sk_nobody' })).body).toMatchObject({
      type: '/problems/unauthorised',
      status: 401,
    });
  });

  it('must name articles that exist', async () => {
    const response = await api.place({ sku: 'unicorn' });
    expect(response.body).toMatchObject({
      type: '/problems/unknown-sku',
      status: 422,
      errors: [{ field: 'items[0].sku' }],
    });
  });

  it.each([
    ['an unknown order', `/orders/${randomUUID()}`],
    ['an id that cannot be one', '/orders/42'],
    ['an unknown route', '/nowhere'],
  ])('is not found: %s', async (_name, path) => {
    const response = await api.get(path);
    expect(response.status).toBe(404);
    expect(response.body).toMatchObject({ type: '/problems/not-found', instance: path });
  });

  it("does not find another account's order", async () => {
    const { body } = await api.place();
    expect((await api.get(`/orders/${(body as OrderBody).id}`, 'sk_acme')).status).toBe(404);
  });
});

describe('the list of orders', () => {
  it('has the newest first, page by page', async () => {
    const placed: string[] = [];
    for (let index = 0; index < 5; index += 1) {
      const { body } = await api.place({ apiKey: 'sk_acme' });
      placed.unshift((body as OrderBody).id);
    }
    const first = await api.get('/orders?limit=3', 'sk_acme');
    const page = first.body as { data: OrderBody[]; nextCursor: string };
    expect(page.data.map(({ id }) => id)).toEqual(placed.slice(0, 3));
    const second = await api.get(`/orders?limit=2&cursor=${page.nextCursor}`, 'sk_acme');
    expect((second.body as { data: OrderBody[] }).data.map(({ id }) => id)).toEqual(placed.slice(3, 5));
  });

  it.each(['status=lost', 'cursor=x', 'limit=0', 'limit=101', 'page=2'])('refuses %s', async (query) => {
    expect((await api.get(`/orders?${query}`)).body).toMatchObject({ type: '/problems/invalid-request', status: 400 });
  });
});
