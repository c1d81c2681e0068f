import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorOf, orderOf } from './support/sandbox-client.js';
import { openTestSandbox, type TestSandbox } from './support/test-sandbox.js';

describe('the payment provider, for the unmodified stripe SDK', () => {
  let sandbox: TestSandbox;
  beforeAll(async () => {
    sandbox = await openTestSandbox();
  });
  afterAll(() => sandbox.close());

  it('moves nothing when an intent is created', async () => {
    const intent = await sandbox.createIntent();
    expect(intent).toMatchObject({
      object: 'payment_intent',
      status: 'requires_confirmation',
      amount: 1200,
      currency: 'eur',
      amount_capturable: 0,
      latest_charge: null,
    });
    expect(await sandbox.ledger(orderOf(intent))).toEqual([]);
  });

  it('authorises, captures and refunds, and its ledger says so', async () => {
    const intent = await sandbox.createIntent();
    const { stripe } = sandbox;
    const confirmed = await stripe.paymentIntents.confirm(intent.id, {}, { idempotencyKey: `${intent.id}:confirm` });
    expect(confirmed).toMatchObject({ status: 'requires_capture', amount_capturable: 1200, amount_received: 0 });
    const captured = await stripe.paymentIntents.capture(intent.id, { expand: ['latest_charge'] });
    expect(captured).toMatchObject({
      status: 'succeeded',
      amount_received: 1200,
      latest_charge: { object: 'charge', amount_captured: 1200, refunded: false },
    });
    const refund = await stripe.refunds.create({ payment_intent: intent.id, amount: 200 });
    expect(refund).toMatchObject({ object: 'refund', status: 'succeeded', amount: 200, payment_intent: intent.id });

    expect(await sandbox.movements(orderOf(intent))).toEqual(['authorise 1200', 'capture 1200', 'refund 200']);
    expect((await sandbox.ledger(orderOf(intent)))[0]).toMatchObject({
      paymentIntent: intent.id,
      currency: 'EUR',
      idempotencyKey: `${intent.id}:confirm`,
    });
    expect(
      (await sandbox.calls(orderOf(intent))).map(({ operation, status, applied }) => [operation, status, applied]),
    ).toEqual([
      ['payment_intents.create', 200, true],
      ['payment_intents.confirm', 200, true],
      ['payment_intents.capture', 200, true],
      ['refunds.create', 200, true],
    ]);
  });

  it('voids an authorisation when its intent is canceled', async () => {
    const intent = await sandbox.authorisedIntent();
    const canceled = await sandbox.stripe.paymentIntents.cancel(intent.id, {
      cancellation_reason: 'requested_by_customer',
    });
    expect(canceled).toMatchObject({
      status: 'canceled',
      cancellation_reason: 'requested_by_customer',
      amount_capturable: 0,
    });
    expect(await sandbox.movements(orderOf(intent))).toEqual(['authorise 1200', 'void 1200']);
  });

  it('authorises and captures in one call where the merchant asks for it', async () => {
    const intent = await sandbox.createIntent({ capture_method: 'automatic', confirm: true });
    expect(intent.status).toBe('succeeded');
    expect(await sandbox.movements(orderOf(intent))).toEqual(['authorise 1200', 'capture 1200']);
  });

  it.each([
    ['pm_card_chargeDeclined', 'card_declined', 'generic_decline'],
    ['pm_card_chargeDeclinedInsufficientFunds', 'card_declined', 'insufficient_funds'],
    ['pm_card_chargeDeclinedProcessingError', 'processing_error', 'processing_error'],
  ])('declines %s with the intent in the error', async (payment_method, code, decline_code) => {
    const intent = await sandbox.createIntent({ payment_method });
    const error = await errorOf(sandbox.stripe.paymentIntents.confirm(intent.id));
    expect(error).toMatchObject({
      type: 'StripeCardError',
      statusCode: 402,
      code,
      decline_code,
      payment_intent: { id: intent.id, status: 'requires_payment_method' },
    });
    expect(await sandbox.movements(orderOf(intent))).toEqual([]);
    expect((await sandbox.calls(orderOf(intent))).at(-1)).toMatchObject({ status: 402, applied: false });
  });

  it.each([
    ['confirm', (id: string) => sandbox.stripe.paymentIntents.confirm(id)],
    ['capture', (id: string) => sandbox.stripe.paymentIntents.capture(id)],
    ['cancel', (id: string) => sandbox.stripe.paymentIntents.cancel(id)],
    [
      'refund beyond the capture of',
      (id: string) => sandbox.stripe.refunds.create({ payment_intent: id, amount: 1201 }),
    ],
  ])('refuses to %s an intent that is captured, whatever the key', async (_verb, act) => {
    const intent = await sandbox.capturedIntent();
    expect(await errorOf(act(intent.id))).toMatchObject({ type: 'StripeInvalidRequestError', statusCode: 400 });
    expect(await sandbox.movements(orderOf(intent))).toEqual(['authorise 1200', 'capture 1200']);
  });

  it('applies one of fifty captures that arrive together under fifty keys', async () => {
    const intent = await sandbox.authorisedIntent();
    const outcomes = await Promise.allSettled(
      Array.from({ length: 50 }, () => sandbox.stripe.paymentIntents.capture(intent.id)),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await sandbox.movements(orderOf(intent))).toEqual(['authorise 1200', 'capture 1200']);
  });

  it('never refunds more than was captured, however many ask together', async () => {
    const intent = await sandbox.capturedIntent();
    await Promise.allSettled(
      Array.from({ length: 20 }, () => sandbox.stripe.refunds.create({ payment_intent: intent.id, amount: 500 })),
    );
    expect(await sandbox.movements(orderOf(intent))).toEqual([
      'authorise 1200',
      'capture 1200',
      'refund 500',
      'refund 500',
    ]);
  });

  it('reads an intent, and knows none of another id', async () => {
    const intent = await sandbox.createIntent();
    expect(await sandbox.stripe.paymentIntents.retrieve(intent.id)).toMatchObject({
      id: intent.id,
      metadata: intent.metadata,
    });
    expect(await errorOf(sandbox.stripe.paymentIntents.retrieve('pi_unknown'))).toMatchObject({
      statusCode: 404,
      code: 'resource_missing',
    });
  });

  it('finds intents by order, and their refunds', async () => {
    const intent = await sandbox.capturedIntent();
    const refund = await sandbox.stripe.refunds.create({ payment_intent: intent.id });
    const found = await sandbox.stripe.paymentIntents.search({ query: `metadata['order_id']:'${orderOf(intent)}'` });
    expect(found.data.map(({ id }) => id)).toEqual([intent.id]);
    const refunds = await sandbox.stripe.refunds.list({ payment_intent: intent.id });
    expect(refunds.data.map(({ id, amount }) => [id, amount])).toEqual([[refund.id, 1200]]);
  });

  it('lists intents newest first, page by page, within a time', async () => {
    const before = await sandbox.createIntent();
    const created = [before.id];
    for (let count = 0; count < 4; count += 1) created.unshift((await sandbox.createIntent()).id);
    const all: string[] = [];
    for await (const { id } of sandbox.stripe.paymentIntents.list({ limit: 2, created: { gte: before.created } })) {
      all.push(id);
      if (id === before.id) break;
    }
    expect(all).toEqual(created);
    expect((await sandbox.stripe.paymentIntents.list({ created: { lt: before.created - 3_600 } })).data).toEqual([]);
  });

  it.each([
    ['a missing amount', { currency: 'eur' }, 'parameter_missing', 'amount'],
    ['a negative amount', { amount: -1, currency: 'eur' }, 'parameter_invalid_integer', 'amount'],
    ['an unknown parameter', { amount: 1, currency: 'eur', colour: 'red' }, 'parameter_unknown', 'colour'],
    ['an unknown card', { amount: 1, currency: 'eur', payment_method: 'pm_x' }, 'resource_missing', 'payment_method'],
  ])('refuses %s by name', async (_what, params, code, param) => {
    const error = await errorOf(sandbox.stripe.paymentIntents.create(params as never));
    expect(error).toMatchObject({ type: 'StripeInvalidRequestError', statusCode: 400, code, param });
  });

  it('answers 401 without a key that starts with sk_, and records the call', async () => {
    const before = await sandbox.json<unknown[]>('GET', '/sandbox/calls');
    const response = await fetch(`${sandbox.url}/v1/payment_intents`, {
      method: 'POST',
      body: new URLSearchParams({ amount: '1' }),
    });
    expect(response.status).toBe(401);
    const after = await sandbox.json<unknown[]>('GET', '/sandbox/calls');
    expect(after).toHaveLength(before.length + 1);
    expect(after.at(-1)).toMatchObject({ operation: 'payment_intents.create', status: 401, applied: false });
  });

  it('tells the SDK about routes it does not have', async () => {
    expect(await errorOf(sandbox.stripe.customers.list())).toMatchObject({ statusCode: 404 });
  });

  it('shows its records oldest first, from any place, in any portion', async () => {
    const all = await sandbox.json<{ seq: number }[]>('GET', '/sandbox/ledger');
    expect(all.map(({ seq }) => seq)).toEqual(all.map((_line, index) => index + 1));
    const some = await sandbox.json<{ seq: number }[]>('GET', '/sandbox/ledger?after=2&limit=3');
    expect(some.map(({ seq }) => seq)).toEqual([3, 4, 5]);
    expect((await fetch(`${sandbox.url}/sandbox/ledger?after=x`)).status).toBe(400);
  });
});
