import { eventually, spawnService, testDatabase, type SpawnedService, type TestDatabase } from '@once/testing';
import type Stripe from 'stripe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { captureUntil } from './support/capture-until.js';
import { errorOf, orderOf, SandboxClient, type CallLine, type LedgerLine } from './support/sandbox-client.js';
import { WebhookReceiver } from './support/webhook-receiver.js';

describe('what the outside world remembers when its process ends', () => {
  let database: TestDatabase;
  let receiver: WebhookReceiver;
  let service: SpawnedService;
  let sandbox: SandboxClient;

  beforeAll(async () => {
    receiver = await WebhookReceiver.open('whsec_test');
    database = await testDatabase();
    const env = {
      DATABASE_URL: database.url,
      SMTP_PORT: '0',
      SANDBOX_WEBHOOK_URL: receiver.url,
      PAYMENT_WEBHOOK_SECRET: receiver.secret,
    };
    service = await spawnService({ name: 'sandbox', env });
    sandbox = new SandboxClient(service.url, 0);
  });
  afterAll(async () => {
    await service.kill();
    await receiver.close();
    await database.close();
  });

  const ledger = (): Promise<LedgerLine[]> => sandbox.json('GET', '/sandbox/ledger');
  const calls = (): Promise<CallLine[]> => sandbox.json('GET', '/sandbox/calls');
  const capture = (intent: Stripe.PaymentIntent) =>
    sandbox.stripe.paymentIntents.capture(intent.id, {}, { idempotencyKey: `${intent.id}:capture` });

  describe('by SIGKILL', () => {
    const rules = [
      { operation: 'payment_intents.capture', fault: 'slow', delayMs: 60_000, times: 1 },
      { operation: 'payment_intents.cancel', fault: 'rate_limit_429', times: 2 },
    ] as const;
    let answered: Stripe.Response<Stripe.PaymentIntent>;
    let cutOff: Stripe.PaymentIntent;
    let other: Stripe.PaymentIntent;

    beforeAll(async () => {
      const intent = await sandbox.authorisedIntent();
      answered = await capture(intent);
      receiver.respond = () => 500;
      [cutOff, other] = [await sandbox.authorisedIntent(), await sandbox.authorisedIntent()];
      await sandbox.setWorld({ latencyMs: 2 });
      await sandbox.setFaults(rules, 5);
      await expect(sandbox.stripe.paymentIntents.cancel(other.id)).rejects.toMatchObject({ statusCode: 429 });
      const cut = errorOf(capture(cutOff));
      await eventually(async () => expect(await sandbox.movements(orderOf(cutOff))).toContain('capture 1200'));
      await eventually(() => expect(receiver.genuine(orderOf(other))).not.toEqual([]));
      await service.kill();
      expect(await cut).toMatchObject({ type: 'StripeConnectionError' });
      receiver.received.length = 0;
      receiver.respond = () => 200;
      await service.start();
    });

    it('replays what it answered before', async () => {
      const again = await capture(answered);
      expect(again).toEqual(answered);
      expect(again.lastResponse.headers['idempotent-replayed']).toBe('true');
      expect(await sandbox.movements(orderOf(answered))).toEqual(['authorise 1200', 'capture 1200']);
    });

    it('still refuses a second application under another key', async () => {
      const second = sandbox.stripe.paymentIntents.capture(answered.id);
      await expect(second).rejects.toMatchObject({ code: 'payment_intent_unexpected_state' });
    });

    it('has the answer to a capture that was cut off', async () => {
      expect((await capture(cutOff)).lastResponse.headers['idempotent-replayed']).toBe('true');
      expect(await sandbox.movements(orderOf(cutOff))).toEqual(['authorise 1200', 'capture 1200']);
    });

    it('continues settings, faults and their counts', async () => {
      expect(await sandbox.json('GET', '/sandbox/faults')).toEqual({ seed: 5, rules });
      expect(await sandbox.json('GET', '/sandbox/settings')).toMatchObject({ latencyMs: 2 });
      await expect(sandbox.stripe.paymentIntents.cancel(other.id)).rejects.toMatchObject({ statusCode: 429 });
      expect(await sandbox.stripe.paymentIntents.cancel(other.id)).toMatchObject({ status: 'canceled' });
    });

    it('delivers what nobody had received', async () => {
      const types = () => receiver.genuine(orderOf(other)).map(({ type }) => type);
      await eventually(() => expect(types()).toContain('payment_intent.amount_capturable_updated'));
    });
  });

  it('holds every answered capture after three SIGKILLs under load', async () => {
    await sandbox.clearFaults();
    await sandbox.setWorld({});
    let isOver = false;
    const clients = Promise.all(Array.from({ length: 16 }, () => captureUntil(sandbox, () => isOver)));
    for (let kill = 0; kill < 3; kill += 1) {
      const before = (await ledger()).length;
      await eventually(async () => expect((await ledger()).length).toBeGreaterThan(before + 20));
      await service.restart('SIGKILL');
    }
    isOver = true;
    const answeredIds = (await clients).flat();

    const lines = await ledger();
    expect(lines.map(({ seq }) => seq)).toEqual(lines.map((_line, index) => index + 1));
    const captured = lines.filter(({ kind }) => kind === 'capture').map(({ paymentIntent }) => paymentIntent);
    expect(new Set(captured).size).toBe(captured.length);
    expect(answeredIds.length).toBeGreaterThan(20);
    expect(answeredIds.filter((id) => !captured.includes(id))).toEqual([]);
    const applied = (await calls()).filter(
      ({ operation, applied }) => applied && operation === 'payment_intents.capture',
    );
    expect(new Set(applied.map(({ paymentIntent }) => paymentIntent))).toEqual(new Set(captured));
    expect(applied).toHaveLength(captured.length);
  }, 180_000);

  it('ends gracefully on SIGTERM: finishes what is under way, lets go of what is held', async () => {
    await sandbox.setFaults([
      { operation: 'payment_intents.cancel', fault: 'timeout_without_applying' },
      { operation: 'payment_intents.capture', fault: 'slow', delayMs: 60_000 },
    ]);
    const intent = await sandbox.authorisedIntent();
    const held = errorOf(sandbox.stripe.paymentIntents.cancel(intent.id));
    const underWay = capture(intent);
    await eventually(async () => expect(await heldCalls(orderOf(intent))).not.toEqual([]));
    await eventually(async () => expect(await sandbox.movements(orderOf(intent))).toContain('capture 1200'));
    await service.stop();
    expect(await underWay).toMatchObject({ status: 'succeeded' });
    expect(await held).toMatchObject({ type: 'StripeConnectionError' });
    await service.start();
    expect(await sandbox.movements(orderOf(intent))).toEqual(['authorise 1200', 'capture 1200']);
  });

  const heldCalls = async (orderId: string): Promise<CallLine[]> =>
    (await sandbox.calls(orderId)).filter(({ fault }) => fault === 'timeout_without_applying');

  it('does not start without its database, and says which one it misses', async () => {
    const url = new URL(database.url);
    url.username = 'nobody';
    const start = spawnService({ name: 'sandbox', env: { DATABASE_URL: url.href, SMTP_PORT: '0' } });
    await expect(start).rejects.toThrow(/ended before it was ready[\s\S]*cannot be used/);
  });
});
