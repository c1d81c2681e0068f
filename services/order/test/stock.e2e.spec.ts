import { spawnService, testDatabase, testVhost, type SpawnedService } from '@once/testing';
import supertest from 'supertest';
import { beforeAll, describe, expect, it } from 'vitest';

let order: SpawnedService;

beforeAll(async () => {
  const [database, vhost] = await Promise.all([testDatabase(), testVhost()]);
  order = await spawnService({ name: 'order', env: { DATABASE_URL: database.url, AMQP_URL: vhost.amqpUrl } });
});

const path = '/operator/stock/mug';

function read(key = 'op_demo') {
  return supertest(order.url).get(path).set('Authorization', `Bearer ${key}`);
}

function set(available: number, ifMatch?: string) {
  const request = supertest(order.url).put(path).set('Authorization', 'Bearer op_demo');
  return (ifMatch === undefined ? request : request.set('If-Match', ifMatch)).send({ available });
}

describe("the operator's view of the stock", () => {
  it('is changed only from the state that was read', async () => {
    const before = await read();
    expect(before.body).toEqual({ sku: 'mug', available: 1_000_000, reserved: 0, sold: 0 });
    const etag = String(before.headers['etag']);

    expect((await set(5)).body).toMatchObject({ status: 428, type: '/problems/precondition-required' });
    const changed = await set(5, etag);
    expect(changed.body).toEqual({ sku: 'mug', available: 5, reserved: 0, sold: 0 });
    expect((await set(7, etag)).body).toMatchObject({ status: 412, type: '/problems/precondition-failed' });
    expect((await read()).body).toMatchObject({ available: 5 });
    expect((await set(7, String(changed.headers['etag']))).status).toBe(200);
  });

  it('refuses a change that comes again late, also when the counts are again what it was meant for', async () => {
    const { headers, body } = await read();
    const first = String(headers['etag']);
    const { available } = body as { available: number };
    const changed = await set(50, first);
    expect((await set(50, first)).status).toBe(412);

    expect((await set(available, String(changed.headers['etag']))).status).toBe(200);
    expect((await set(50, first)).status).toBe(412);
    expect((await read()).body).toMatchObject({ available });
  });

  it("is closed to customers' keys and to strangers", async () => {
    expect((await read('sk_demo')).status).toBe(403);
    expect((await read('nobody')).status).toBe(401);
  });

  it('refuses quantities that cannot be', async () => {
    const etag = String((await read()).headers['etag']);
    expect((await set(-1, etag)).body).toMatchObject({ status: 400, errors: [{ field: 'available' }] });
  });
});
