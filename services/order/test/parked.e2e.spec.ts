import {
  eventually,
  setFaults,
  spawnService,
  spawnSystem,
  type SpawnedService,
  type SpawnedSystem,
} from '@once/testing';
import supertest from 'supertest';
import { beforeAll, describe, expect, it } from 'vitest';
import { OrderApi, type OrderBody } from './order-api.js';

const SETTINGS = {
  IDEMPOTENCY_LEASE_MS: '3000',
  PROVIDER_TIMEOUT_MS: '1000',
  RETRY_BACKOFF_MAX_MS: '500',
  OUTBOX_SWEEP_MS: '200',
} as const;

const WITHIN = { withinMs: 30_000, everyMs: 100 } as const;

let system: SpawnedSystem;
let api: OrderApi;

beforeAll(async () => {
  system = await spawnSystem({ env: SETTINGS });
  api = new OrderApi(system);
});

/** The payment service with a key that the provider does not accept: it answers everything, and its answers decide nothing. */
const lockOut = async (): Promise<SpawnedService> => {
  await system.payment.kill();
  return spawnService({
    name: 'payment',
    env: {
      ...SETTINGS,
      DATABASE_URL: system.databases.payment.url,
      AMQP_URL: system.broker.amqpUrl,
      PAYMENT_PROVIDER_URL: system.sandbox.url,
      PAYMENT_PROVIDER_KEY: 'revoked',
    },
  });
};

const letIn = async (lockedOut: SpawnedService): Promise<void> => {
  await lockedOut.stop();
  await system.payment.start();
};

const parkedSagaOf = async (orderId: string) => {
  const { body } = await supertest(system.order.url)
    .get('/operator/sagas?status=parked')
    .set('Authorization', 'Bearer op_demo');
  const { data } = body as { data: { id: string; orderId: string }[] };
  const found = data.find((saga) => saga.orderId === orderId);
  if (found === undefined) throw new Error(`no parked saga of ${orderId}`);
  return found;
};

describe('an order whose payment the provider answers without deciding', () => {
  it('is parked with the money at stake, and confirmed by itself when the answer decides', async () => {
    await setFaults(system, [{ operation: 'payment_intents.confirm', fault: 'down' }]);
    const { id } = (await api.place()).body as OrderBody;
    await eventually(
      async () =>
        expect((await api.callsFor(id)).map(({ operation }) => operation)).toContain('payment_intents.confirm'),
      WITHIN,
    );
    const lockedOut = await lockOut();
    await setFaults(system, []);

    const parked = await eventually(() => parkedSagaOf(id), WITHIN);
    expect(parked).toMatchObject({
      kind: 'checkout',
      step: 'authorise-payment',
      reason: 'the answer to authorise-payment does not decide: look up refused',
      moneyAtStake: 1200,
    });
    expect(await api.read(id)).toMatchObject({ status: 'parked', payment: { status: 'unknown' } });

    await letIn(lockedOut);
    const seen = new Set<string>();
    await eventually(async () => {
      const { status } = await api.read(id);
      seen.add(status);
      expect(status).toBe('confirmed');
    }, WITHIN);
    expect([...seen]).not.toContain('pending');
    expect((await api.ledgerOf(id)).map(({ kind }) => kind)).toEqual(['authorise', 'capture']);
  });

  it('that is refunded is parked until the refund is answered, whatever an operator says', async () => {
    const { id } = (await api.place()).body as OrderBody;
    await eventually(async () => expect(await api.read(id)).toMatchObject({ status: 'confirmed' }), WITHIN);
    const lockedOut = await lockOut();
    await api.request().post(`/orders/${id}/cancel`).set('Authorization', 'Bearer sk_demo').expect(202);

    const parked = await eventually(() => parkedSagaOf(id), WITHIN);
    expect(parked).toMatchObject({ kind: 'refund', step: 'return-payment', moneyAtStake: 1200 });
    expect(await api.read(id)).toMatchObject({ status: 'confirmed' });
    const resolved = await supertest(system.order.url)
      .post(`/operator/sagas/${parked.id}/resolve`)
      .set('Authorization', 'Bearer op_demo')
      .send({ resolution: 'applied', note: 'surely' });
    expect(resolved.status, resolved.text).toBe(409);
    // The provider was asked for it, again without an answer that decides, and the timeline has both.
    expect(resolved.body).toMatchObject({
      detail:
        'Asked just now, the payment service says that the payment is captured, ' +
        'so it cannot be settled that return-payment was applied.',
    });
    expect((await linesOf(id)).slice(-2)).toMatchObject([
      { event: 'sent', step: 'return-payment', attempt: 2 },
      { event: 'replied', step: 'return-payment', outcome: 'unknown' },
    ]);

    await letIn(lockedOut);
    await eventually(
      async () => expect(await api.read(id)).toMatchObject({ status: 'cancelled', reason: 'requested' }),
      WITHIN,
    );
    expect((await api.ledgerOf(id)).map(({ kind }) => kind)).toEqual(['authorise', 'capture', 'refund']);
  });
});

async function linesOf(orderId: string): Promise<readonly object[]> {
  return ((await api.get(`/orders/${orderId}/timeline`)).body as { data: object[] }).data;
}
