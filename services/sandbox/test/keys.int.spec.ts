import { eventually } from '@once/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { errorOf, orderOf } from './support/sandbox-client.js';
import { openTestSandbox, type TestSandbox } from './support/test-sandbox.js';

describe('idempotency keys at the payment provider', () => {
  let sandbox: TestSandbox;
  beforeAll(async () => {
    sandbox = await openTestSandbox();
  });
  afterEach(async () => {
    await sandbox.clearFaults();
    await sandbox.setWorld({});
  });
  afterAll(() => sandbox.close());

  const post = async (
    path: string,
    key: string,
    body = '',
  ): Promise<{ status: number; replayed: string | null; text: string }> => {
    const response = await fetch(sandbox.url + path, {
      method: 'POST',
      headers: {
        authorization: 'Bearer sk_test',
        'idempotency-key': key,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body,
    });
    return {
      status: response.status,
      replayed: response.headers.get('idempotent-replayed'),
      text: await response.text(),
    };
  };

  it('replays the first answer, byte for byte, and says so', async () => {
    const first = await post('/v1/payment_intents', 'replay', 'amount=7&currency=eur&metadata[order_id]=replay');
    const second = await post('/v1/payment_intents', 'replay', 'amount=7&currency=eur&metadata[order_id]=replay');
    expect(first).toMatchObject({ status: 200, replayed: null });
    expect(second).toEqual({ ...first, replayed: 'true' });
    expect((await sandbox.calls('replay')).map(({ status, applied }) => [status, applied])).toEqual([
      [200, true],
      [200, false],
    ]);
  });

  it('takes parameters in another order for the same request', async () => {
    const first = await post('/v1/payment_intents', 'sorted', 'amount=7&currency=eur');
    expect(await post('/v1/payment_intents', 'sorted', 'currency=eur&amount=7')).toMatchObject({ text: first.text });
  });

  it.each([
    ['parameters', '/v1/payment_intents', 'amount=8&currency=eur'],
    ['a path', '/v1/refunds', 'amount=7&currency=eur'],
  ])('refuses a key that was used with other %s', async (what, path, body) => {
    await post('/v1/payment_intents', `other ${what}`, 'amount=7&currency=eur');
    const { status, text } = await post(path, `other ${what}`, body);
    expect(status).toBe(400);
    expect(JSON.parse(text)).toMatchObject({ error: { type: 'idempotency_error' } });
  });

  it('refuses a key longer than Stripe takes', async () => {
    const body = 'amount=7&currency=eur';
    expect(await post('/v1/payment_intents', 'k'.repeat(255), body)).toMatchObject({ status: 200 });
    expect(await post('/v1/payment_intents', 'k'.repeat(256), body)).toMatchObject({ status: 400 });
  });

  it('sticks to a decline and to a refusal of the state', async () => {
    const intent = await sandbox.createIntent({ payment_method: 'pm_card_chargeDeclined' });
    const declined = await post(`/v1/payment_intents/${intent.id}/confirm`, `${intent.id}:confirm`);
    expect(declined.status).toBe(402);
    expect(await post(`/v1/payment_intents/${intent.id}/confirm`, `${intent.id}:confirm`)).toEqual({
      ...declined,
      replayed: 'true',
    });
    const refused = await post(`/v1/payment_intents/${intent.id}/capture`, `${intent.id}:capture`);
    expect(refused.status).toBe(400);
    expect(await post(`/v1/payment_intents/${intent.id}/capture`, `${intent.id}:capture`)).toEqual({
      ...refused,
      replayed: 'true',
    });
  });

  it('does not keep what was never executed', async () => {
    expect(await post('/v1/payment_intents', 'unread', 'amount=x&currency=eur')).toMatchObject({
      status: 400,
      replayed: null,
    });
    expect(await post('/v1/payment_intents', 'unread', 'amount=7&currency=eur')).toMatchObject({
      status: 200,
      replayed: null,
    });
  });

  it('answers 409 while the first request is under way, and executes one of fifty twins', async () => {
    const intent = await sandbox.authorisedIntent();
    await sandbox.setWorld({ latencyMs: 500 });
    const twins = await Promise.all(
      Array.from({ length: 50 }, () => post(`/v1/payment_intents/${intent.id}/capture`, `${intent.id}:capture`)),
    );
    const statuses = twins.map(({ status, replayed }) => (replayed === null ? status : 'replayed'));
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 409).length).toBeGreaterThan(0);
    expect(statuses.filter((status) => ![200, 409, 'replayed'].includes(status))).toEqual([]);
    expect(await sandbox.movements(orderOf(intent))).toEqual(['authorise 1200', 'capture 1200']);
  });

  it('forgets a key at the end of its life, and the state of the object still refuses', async () => {
    const intent = await sandbox.authorisedIntent();
    const capture = () =>
      sandbox.stripe.paymentIntents.capture(intent.id, {}, { idempotencyKey: `${intent.id}:capture` });
    await capture();
    expect((await capture()).lastResponse.headers['idempotent-replayed']).toBe('true');
    await sandbox.setWorld({ keyLifeMs: 1 });
    await eventually(async () => expect((await errorOf(capture())).code).toBe('payment_intent_unexpected_state'));
    expect(await sandbox.movements(orderOf(intent))).toEqual(['authorise 1200', 'capture 1200']);
  });
});
