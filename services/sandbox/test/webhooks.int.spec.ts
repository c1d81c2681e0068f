import { eventually } from '@once/testing';
import type Stripe from 'stripe';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { FaultRule } from '../src/faults/fault-rule.js';
import { orderOf } from './support/sandbox-client.js';
import { openTestSandbox, type TestSandbox } from './support/test-sandbox.js';
import type { ReceivedWebhook } from './support/webhook-receiver.js';

interface DeliveryLine {
  readonly operation: string;
  readonly reference: string;
  readonly status: number | null;
  readonly fault: string | null;
}

describe('webhooks', () => {
  let sandbox: TestSandbox;
  beforeAll(async () => {
    sandbox = await openTestSandbox();
  });
  afterEach(async () => {
    sandbox.receiver.respond = () => 200;
    await sandbox.clearFaults();
  });
  afterAll(() => sandbox.close());

  const strike = (fault: FaultRule['fault'], more: Partial<FaultRule> = {}) =>
    sandbox.setFaults([{ operation: 'webhooks.deliver', fault, ...more }]);
  const typesFor = (intent: Stripe.PaymentIntent): string[] =>
    sandbox.receiver.genuine(orderOf(intent)).map(({ type }) => type);
  const deliveriesOf = (intent: Stripe.PaymentIntent): Promise<DeliveryLine[]> =>
    sandbox.json('GET', `/sandbox/deliveries?order_id=${orderOf(intent)}`);

  it('tells every change, signed so that the SDK accepts it', async () => {
    const captured = await sandbox.capturedIntent();
    await sandbox.stripe.refunds.create({ payment_intent: captured.id });
    await eventually(() => {
      expect(typesFor(captured).sort()).toEqual([
        'charge.refunded',
        'payment_intent.amount_capturable_updated',
        'payment_intent.succeeded',
      ]);
    });
    const refunded = sandbox.receiver.genuine(orderOf(captured)).find(({ type }) => type === 'charge.refunded');
    expect(refunded?.data.object).toMatchObject({
      object: 'charge',
      payment_intent: captured.id,
      amount_refunded: 1200,
      refunded: true,
    });

    const declined = await sandbox.createIntent({ payment_method: 'pm_card_chargeDeclined' });
    await sandbox.stripe.paymentIntents.confirm(declined.id).catch(() => undefined);
    await sandbox.stripe.paymentIntents.cancel(declined.id);
    await eventually(() =>
      expect(typesFor(declined).sort()).toEqual(['payment_intent.canceled', 'payment_intent.payment_failed']),
    );
  });

  it('lists in GET /v1/events what it sent', async () => {
    const intent = await sandbox.capturedIntent();
    await eventually(() => expect(typesFor(intent)).toHaveLength(2));
    const listed = await sandbox.stripe.events.list({ type: 'payment_intent.succeeded', limit: 1 });
    const sent = sandbox.receiver.genuine(orderOf(intent)).find(({ type }) => type === 'payment_intent.succeeded');
    expect(listed.data[0]).toEqual(sent);
    expect((await sandbox.stripe.events.list({ types: ['charge.expired'] })).data).toEqual([]);
  });

  it('repeats an event with growing pauses until it is received, and then no more', async () => {
    const attempts: ReceivedWebhook[] = [];
    const intent = await sandbox.createIntent();
    sandbox.receiver.respond = (webhook) => {
      if (!webhook.body.includes(orderOf(intent))) return 200;
      attempts.push(webhook);
      return attempts.length < 4 ? 503 : 200;
    };
    await sandbox.stripe.paymentIntents.confirm(intent.id);
    await eventually(async () =>
      expect((await deliveriesOf(intent)).map(({ status }) => status)).toEqual([503, 503, 503, 200]),
    );
    expect(new Set(attempts.map(({ body }) => body)).size).toBe(1);
    const [first = 0, second = 0, third = 0, fourth = 0] = attempts.map(({ at }) => at);
    expect(second - first).toBeGreaterThanOrEqual(195);
    expect(third - second).toBeGreaterThanOrEqual(395);
    expect(fourth - third).toBeGreaterThanOrEqual(795);
  });

  it('duplicate: sends an event twice at once', async () => {
    const intent = await sandbox.createIntent();
    await strike('duplicate', { match: { orderId: orderOf(intent) } });
    await sandbox.stripe.paymentIntents.confirm(intent.id);
    await eventually(() => expect(sandbox.receiver.genuine(orderOf(intent))).toHaveLength(2));
    expect(new Set(sandbox.receiver.genuine(orderOf(intent)).map(({ id }) => id)).size).toBe(1);
    await eventually(async () =>
      expect((await deliveriesOf(intent)).map(({ fault }) => fault)).toEqual(['duplicate', 'duplicate']),
    );
  });

  it('reorder: an event arrives after a later one of its order', async () => {
    const intent = await sandbox.createIntent();
    await strike('reorder', { times: 1, delayMs: 60_000, match: { orderId: orderOf(intent) } });
    await sandbox.stripe.paymentIntents.confirm(intent.id);
    await sandbox.stripe.paymentIntents.capture(intent.id);
    await eventually(() =>
      expect(typesFor(intent)).toEqual(['payment_intent.succeeded', 'payment_intent.amount_capturable_updated']),
    );
  });

  it('reorder: waits for a successor no longer than delayMs', async () => {
    const intent = await sandbox.createIntent();
    await strike('reorder', { delayMs: 300, match: { orderId: orderOf(intent) } });
    await sandbox.stripe.paymentIntents.confirm(intent.id);
    await eventually(() => expect(typesFor(intent)).toEqual(['payment_intent.amount_capturable_updated']));
  });

  it('drop: never arrives, and is listed all the same', async () => {
    const intent = await sandbox.createIntent();
    await strike('drop', { times: 1, match: { orderId: orderOf(intent) } });
    await sandbox.stripe.paymentIntents.confirm(intent.id);
    await eventually(async () => expect(await deliveriesOf(intent)).toMatchObject([{ status: null, fault: 'drop' }]));
    await sandbox.stripe.paymentIntents.capture(intent.id);
    await eventually(() => expect(typesFor(intent)).toEqual(['payment_intent.succeeded']));
    const events = await sandbox.stripe.events.list({ type: 'payment_intent.amount_capturable_updated', limit: 1 });
    expect(events.data[0]?.data.object).toMatchObject({ id: intent.id });
  });

  it('forge: sends what the SDK refuses, and the truth as well', async () => {
    const intents: Stripe.PaymentIntent[] = [];
    await strike('forge');
    // Three events of one order get the three kinds of forgery.
    for (let count = 0; count < 2; count += 1) intents.push(await sandbox.capturedIntent());
    for (const intent of intents) await sandbox.stripe.refunds.create({ payment_intent: intent.id });
    for (const intent of intents) {
      await eventually(() => {
        expect(sandbox.receiver.genuine(orderOf(intent))).toHaveLength(3);
        expect(sandbox.receiver.forged(orderOf(intent))).toHaveLength(3);
      });
      await eventually(async () => {
        const forgeries = (await deliveriesOf(intent)).filter(({ fault }) => fault === 'forge');
        expect(forgeries).toHaveLength(3);
      });
    }
  });

  it('slow: arrives delayMs later, and lets the events of others pass', async () => {
    const intent = await sandbox.createIntent();
    await strike('slow', { delayMs: 1_500, match: { orderId: orderOf(intent) } });
    const startedAt = performance.now();
    await sandbox.stripe.paymentIntents.confirm(intent.id);
    const other = await sandbox.authorisedIntent();
    await eventually(() => expect(typesFor(other)).toHaveLength(1));
    expect(typesFor(intent)).toEqual([]);
    await eventually(() => expect(typesFor(intent)).toHaveLength(1));
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(1_495);
  });

  it('down: is not sent, and sent again later', async () => {
    const intent = await sandbox.createIntent();
    await strike('down', { times: 2, match: { orderId: orderOf(intent) } });
    await sandbox.stripe.paymentIntents.confirm(intent.id);
    await eventually(async () =>
      expect((await deliveriesOf(intent)).map(({ status, fault }) => [status, fault])).toEqual([
        [null, 'down'],
        [null, 'down'],
        [200, null],
      ]),
    );
  });

  it('strikes the events of one payment method, declined ones too', async () => {
    await strike('drop', { match: { paymentMethod: 'pm_card_chargeDeclined' } });
    const declined = await sandbox.createIntent({ payment_method: 'pm_card_chargeDeclined' });
    await sandbox.stripe.paymentIntents.confirm(declined.id).catch(() => undefined);
    await eventually(async () => expect(await deliveriesOf(declined)).toMatchObject([{ status: null, fault: 'drop' }]));
    const other = await sandbox.authorisedIntent();
    await eventually(() => expect(typesFor(other)).toHaveLength(1));
  });

  it('asks one at a time whether a receiver that is away is back, and then delivers everything', async () => {
    await sandbox.receiver.leave();
    const intents = await Promise.all(Array.from({ length: 20 }, () => sandbox.authorisedIntent()));
    const attempts = async (): Promise<number> =>
      (await Promise.all(intents.map(deliveriesOf))).flat().filter(({ status }) => status === null).length;
    await eventually(async () => expect(await attempts()).toBeGreaterThan(1));
    await sandbox.receiver.comeBack();
    for (const intent of intents) await eventually(() => expect(typesFor(intent)).toHaveLength(1));
    // Each asking for itself would have been twenty attempts per round.
    expect(await attempts()).toBeLessThan(20);
  });
});
