import { eventually } from '@once/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { FaultRule } from '../src/faults/fault-rule.js';
import { openPost, postRaw } from './support/raw-call.js';
import { errorOf, orderOf } from './support/sandbox-client.js';
import { openTestSandbox, type TestSandbox } from './support/test-sandbox.js';

/** Shorter than any hold here, longer than any answer on a busy machine. */
const IMPATIENT = { timeout: 1_500 };

describe('faults of the payment provider, for the unmodified stripe SDK', () => {
  let sandbox: TestSandbox;
  beforeAll(async () => {
    sandbox = await openTestSandbox();
  });
  afterEach(() => sandbox.clearFaults());
  afterAll(() => sandbox.close());

  const strikeOnce = (operation: FaultRule['operation'], fault: FaultRule['fault'], more: Partial<FaultRule> = {}) =>
    sandbox.setFaults([{ operation, fault, times: 1, ...more }]);
  const lastCall = async (orderId: string) => (await sandbox.calls(orderId)).at(-1);

  it('apply_then_timeout: applies and stays silent; the key gets the answer later', async () => {
    const intent = await sandbox.createIntent();
    await strikeOnce('payment_intents.confirm', 'apply_then_timeout');
    const options = { idempotencyKey: `${intent.id}:confirm` };
    const error = await errorOf(sandbox.stripe.paymentIntents.confirm(intent.id, {}, { ...options, ...IMPATIENT }));
    expect(error).toMatchObject({ type: 'StripeConnectionError', message: expect.stringContaining('timeout') });
    expect(await sandbox.movements(orderOf(intent))).toEqual(['authorise 1200']);
    expect(await lastCall(orderOf(intent))).toMatchObject({ status: null, applied: true, fault: 'apply_then_timeout' });

    const again = await sandbox.stripe.paymentIntents.confirm(intent.id, {}, options);
    expect(again.status).toBe('requires_capture');
    expect(again.lastResponse.headers['idempotent-replayed']).toBe('true');
    expect(await sandbox.movements(orderOf(intent))).toEqual(['authorise 1200']);
  });

  it('timeout_without_applying: holds the socket without a byte for delayMs, and nothing happened', async () => {
    const intent = await sandbox.createIntent();
    await strikeOnce('payment_intents.confirm', 'timeout_without_applying', { delayMs: 600 });
    const outcome = await postRaw(sandbox.url, `/v1/payment_intents/${intent.id}/confirm`);
    expect(outcome).toMatchObject({ bytes: 0, errorCode: undefined });
    expect(outcome.elapsedMs).toBeGreaterThanOrEqual(590);
    expect(await sandbox.movements(orderOf(intent))).toEqual([]);
    expect(await lastCall(orderOf(intent))).toMatchObject({
      status: null,
      applied: false,
      fault: 'timeout_without_applying',
    });
    expect(await sandbox.stripe.paymentIntents.confirm(intent.id)).toMatchObject({ status: 'requires_capture' });
  });

  it('apply_then_500: applies, and the 500 sticks to the key', async () => {
    const intent = await sandbox.authorisedIntent();
    await strikeOnce('payment_intents.capture', 'apply_then_500');
    const capture = (key: string) => sandbox.stripe.paymentIntents.capture(intent.id, {}, { idempotencyKey: key });
    expect(await errorOf(capture(`${intent.id}:1`))).toMatchObject({ type: 'StripeAPIError', statusCode: 500 });
    expect(await sandbox.movements(orderOf(intent))).toEqual(['authorise 1200', 'capture 1200']);
    const again = await errorOf(capture(`${intent.id}:1`));
    expect(again).toMatchObject({ statusCode: 500, headers: { 'idempotent-replayed': 'true' } });
    expect(await errorOf(capture(`${intent.id}:2`))).toMatchObject({
      statusCode: 400,
      code: 'payment_intent_unexpected_state',
    });
    expect(await sandbox.movements(orderOf(intent))).toEqual(['authorise 1200', 'capture 1200']);
  });

  it('500_without_applying: nothing happened, and the key is free', async () => {
    const intent = await sandbox.authorisedIntent();
    await strikeOnce('payment_intents.capture', '500_without_applying');
    const capture = () =>
      sandbox.stripe.paymentIntents.capture(intent.id, {}, { idempotencyKey: `${intent.id}:capture` });
    expect(await errorOf(capture())).toMatchObject({ type: 'StripeAPIError', statusCode: 500 });
    expect(await sandbox.movements(orderOf(intent))).toEqual(['authorise 1200']);
    expect(await capture()).toMatchObject({ status: 'succeeded' });
  });

  it('apply_then_reset: applies and resets the connection', async () => {
    const intent = await sandbox.authorisedIntent();
    await strikeOnce('payment_intents.capture', 'apply_then_reset');
    expect(await postRaw(sandbox.url, `/v1/payment_intents/${intent.id}/capture`)).toMatchObject({
      bytes: 0,
      errorCode: 'ECONNRESET',
    });
    expect(await sandbox.movements(orderOf(intent))).toEqual(['authorise 1200', 'capture 1200']);
    expect(await lastCall(orderOf(intent))).toMatchObject({ status: null, applied: true, fault: 'apply_then_reset' });
  });

  it('apply_then_reset: the SDK repeats by itself, under the same key, and is answered', async () => {
    const intent = await sandbox.authorisedIntent();
    await strikeOnce('payment_intents.capture', 'apply_then_reset');
    const captured = await sandbox.stripe.paymentIntents.capture(intent.id);
    expect(captured.lastResponse.headers['idempotent-replayed']).toBe('true');
    expect(await sandbox.movements(orderOf(intent))).toEqual(['authorise 1200', 'capture 1200']);
  });

  it('garbage_200: applies and answers HTML', async () => {
    const intent = await sandbox.authorisedIntent();
    await strikeOnce('payment_intents.capture', 'garbage_200');
    const capture = () =>
      sandbox.stripe.paymentIntents.capture(intent.id, {}, { idempotencyKey: `${intent.id}:capture` });
    expect(await errorOf(capture())).toMatchObject({
      type: 'StripeAPIError',
      message: expect.stringContaining('Invalid JSON'),
    });
    expect(await lastCall(orderOf(intent))).toMatchObject({ status: 200, applied: true, fault: 'garbage_200' });
    expect(await capture()).toMatchObject({ status: 'succeeded' });
    expect(await sandbox.movements(orderOf(intent))).toEqual(['authorise 1200', 'capture 1200']);
  });

  it('slow: applies at once, tells by webhook, and answers after delayMs', async () => {
    const intent = await sandbox.authorisedIntent();
    await strikeOnce('payment_intents.capture', 'slow', { delayMs: 2_000 });
    const startedAt = performance.now();
    const capture = sandbox.stripe.paymentIntents.capture(intent.id, {}, { idempotencyKey: `${intent.id}:capture` });
    let isAnswered = false;
    void capture.then(() => (isAnswered = true));
    await eventually(() => {
      expect(sandbox.receiver.genuine(orderOf(intent)).map(({ type }) => type)).toContain('payment_intent.succeeded');
    });
    expect(isAnswered).toBe(false);
    expect(await sandbox.movements(orderOf(intent))).toEqual(['authorise 1200', 'capture 1200']);
    expect(await capture).toMatchObject({ status: 'succeeded' });
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(1_990);
  });

  it('late_apply: lands delayMs after the caller gave up, and its key is in use until then', async () => {
    const intent = await sandbox.authorisedIntent();
    await strikeOnce('payment_intents.capture', 'late_apply', { delayMs: 1_500 });
    const key = `${intent.id}:capture`;
    const capture = () => sandbox.stripe.paymentIntents.capture(intent.id, {}, { idempotencyKey: key });
    const caller = openPost(sandbox.url, `/v1/payment_intents/${intent.id}/capture`, key);
    await eventually(async () =>
      expect(await lastCall(orderOf(intent))).toMatchObject({ fault: 'late_apply', applied: false }),
    );
    caller.destroy();
    expect(await errorOf(capture())).toMatchObject({ statusCode: 409, code: 'idempotency_key_in_use' });
    expect(await sandbox.movements(orderOf(intent))).toEqual(['authorise 1200']);

    await eventually(async () =>
      expect(await sandbox.movements(orderOf(intent))).toEqual(['authorise 1200', 'capture 1200']),
    );
    const late = (await sandbox.calls(orderOf(intent))).find(({ fault }) => fault === 'late_apply');
    expect(late).toMatchObject({ status: null, applied: true });
    expect((await capture()).lastResponse.headers['idempotent-replayed']).toBe('true');
  });

  it('late_apply: is refused by what happened in the meantime', async () => {
    const intent = await sandbox.authorisedIntent();
    await strikeOnce('payment_intents.capture', 'late_apply', { delayMs: 300 });
    const key = `${intent.id}:capture`;
    const caller = openPost(sandbox.url, `/v1/payment_intents/${intent.id}/capture`, key);
    await eventually(async () => expect(await lastCall(orderOf(intent))).toMatchObject({ fault: 'late_apply' }));
    await sandbox.stripe.paymentIntents.cancel(intent.id);
    caller.destroy();
    const options = { idempotencyKey: key };
    await eventually(async () => {
      const error = await errorOf(sandbox.stripe.paymentIntents.capture(intent.id, {}, options));
      expect(error.code).toBe('payment_intent_unexpected_state');
    });
    expect(await sandbox.movements(orderOf(intent))).toEqual(['authorise 1200', 'void 1200']);
  });

  it('conflict_409: says that the key is in use, and nothing happened', async () => {
    const intent = await sandbox.authorisedIntent();
    await strikeOnce('payment_intents.capture', 'conflict_409');
    expect(await errorOf(sandbox.stripe.paymentIntents.capture(intent.id))).toMatchObject({
      statusCode: 409,
      code: 'idempotency_key_in_use',
    });
    expect(await sandbox.movements(orderOf(intent))).toEqual(['authorise 1200']);
  });

  it('rate_limit_429: asks for patience, and nothing happened', async () => {
    const intent = await sandbox.authorisedIntent();
    await strikeOnce('payment_intents.capture', 'rate_limit_429');
    const error = await errorOf(sandbox.stripe.paymentIntents.capture(intent.id));
    expect(error).toMatchObject({ type: 'StripeRateLimitError', statusCode: 429, headers: { 'retry-after': '1' } });
    expect(await sandbox.movements(orderOf(intent))).toEqual(['authorise 1200']);
  });

  it.each(['forget_keys', 'ignore_keys'] as const)(
    '%s: the same key makes another intent, and a state still refuses',
    async (fault) => {
      const orderId = `order-of-${fault}`;
      await sandbox.setFaults([{ operation: '*', fault }]);
      const create = () =>
        sandbox.stripe.paymentIntents.create(
          {
            amount: 5,
            currency: 'eur',
            capture_method: 'manual',
            payment_method: 'pm_card_visa',
            metadata: { order_id: orderId },
          },
          { idempotencyKey: `${orderId}:create` },
        );
      const [first, second] = [await create(), await create()];
      expect(second.id).not.toBe(first.id);
      const confirm = () =>
        sandbox.stripe.paymentIntents.confirm(first.id, {}, { idempotencyKey: `${orderId}:confirm` });
      await confirm();
      expect(await errorOf(confirm())).toMatchObject({ code: 'payment_intent_unexpected_state' });
      expect(await sandbox.movements(orderId)).toEqual(['authorise 5']);
    },
  );

  it('forget_keys remembers the new answer; ignore_keys remembers none', async () => {
    const create = (orderId: string) =>
      sandbox.stripe.paymentIntents.create(
        { amount: 5, currency: 'eur', metadata: { order_id: orderId } },
        { idempotencyKey: orderId },
      );
    await strikeOnce('payment_intents.create', 'forget_keys');
    expect((await create('remembered')).id).toBe((await create('remembered')).id);
    await strikeOnce('payment_intents.create', 'ignore_keys');
    expect((await create('ignored')).id).not.toBe((await create('ignored')).id);
  });

  it('wrong_amount: makes an intent of one unit too much', async () => {
    await strikeOnce('payment_intents.create', 'wrong_amount');
    expect(await sandbox.createIntent()).toMatchObject({ amount: 1201 });
  });

  it.each([
    ['payment_intents.confirm', ['authorise 1199', 'capture 1199', 'refund 1199']],
    ['payment_intents.capture', ['authorise 1200', 'capture 1199', 'refund 1199']],
    ['refunds.create', ['authorise 1200', 'capture 1200', 'refund 1199']],
  ] as const)(
    'wrong_amount: moves one unit too little in %s, and the ledger tells the truth',
    async (operation, movements) => {
      const intent = await sandbox.createIntent();
      await strikeOnce(operation, 'wrong_amount');
      await sandbox.stripe.paymentIntents.confirm(intent.id);
      const captured = await sandbox.stripe.paymentIntents.capture(intent.id);
      await sandbox.stripe.refunds.create({ payment_intent: intent.id });
      expect(await sandbox.movements(orderOf(intent))).toEqual(movements);
      expect(`capture ${captured.amount_received}`).toBe(movements[1]);
    },
  );

  it('down: closes every connection, for one card if so told', async () => {
    await sandbox.setFaults([{ operation: '*', fault: 'down', match: { paymentMethod: 'pm_card_amex' } }]);
    const error = await errorOf(sandbox.createIntent({ payment_method: 'pm_card_amex', orderId: 'down' }));
    expect(error).toMatchObject({ type: 'StripeConnectionError' });
    expect(await sandbox.createIntent()).toMatchObject({ status: 'requires_confirmation' });
    const calls = await sandbox.calls('down');
    // The SDK repeats a closed connection once, even with its retries off.
    expect(calls.map(({ status, applied, fault }) => [status, applied, fault])).toEqual([
      [null, false, 'down'],
      [null, false, 'down'],
    ]);
  });

  it('hits reads as well', async () => {
    const intent = await sandbox.createIntent();
    const query = `metadata['order_id']:'${orderOf(intent)}'`;
    await sandbox.setFaults([
      { operation: 'payment_intents.retrieve', fault: 'apply_then_500', times: 1 },
      { operation: 'payment_intents.search', fault: 'garbage_200', times: 1 },
      { operation: 'payment_intents.list', fault: 'rate_limit_429', times: 1 },
    ]);
    expect(await errorOf(sandbox.stripe.paymentIntents.retrieve(intent.id))).toMatchObject({ statusCode: 500 });
    expect(await errorOf(sandbox.stripe.paymentIntents.search({ query }))).toMatchObject({ type: 'StripeAPIError' });
    expect(await errorOf(sandbox.stripe.paymentIntents.list())).toMatchObject({ statusCode: 429 });
    expect(await sandbox.stripe.paymentIntents.retrieve(intent.id)).toMatchObject({ id: intent.id });
  });

  it('names every wrong field of a plan, and keeps the old one', async () => {
    await sandbox.setFaults([{ operation: '*', fault: 'slow', times: 0 }], 9);
    const wrong = {
      seed: 1.5,
      rules: [
        { operation: 'x', fault: 'down' },
        { operation: '*', fault: 'y', chance: 1 },
      ],
    };
    const response = await fetch(`${sandbox.url}/sandbox/faults`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(wrong),
    });
    expect(response.status).toBe(400);
    const { errors } = (await response.json()) as { errors: { field: string }[] };
    expect(errors.map(({ field }) => field)).toEqual([
      'seed',
      'rules[0].operation',
      'rules[1].fault',
      'rules[1].chance',
    ]);
    expect(await sandbox.json('GET', '/sandbox/faults')).toEqual({
      seed: 9,
      rules: [{ operation: '*', fault: 'slow', times: 0 }],
    });
  });
});
