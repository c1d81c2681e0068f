import { eventually } from '@once/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { errorOf, orderOf } from './support/sandbox-client.js';
import { openTestSandbox, type TestSandbox } from './support/test-sandbox.js';

const DEFAULTS = {
  latencyMs: 0,
  tailMs: 0,
  tailProbability: 0,
  keyLifeMs: 86_400_000,
  searchDelayMs: 0,
  authorisationLifeMs: 604_800_000,
};

describe('settings of the outside world', () => {
  let sandbox: TestSandbox;
  beforeAll(async () => {
    sandbox = await openTestSandbox();
  });
  afterEach(() => sandbox.setWorld({}));
  afterAll(() => sandbox.close());

  const timed = async (call: Promise<unknown>): Promise<number> => {
    const startedAt = performance.now();
    await call;
    return performance.now() - startedAt;
  };

  it('answers what is in force; what is not given has its default', async () => {
    expect(await sandbox.setWorld({ latencyMs: 3, keyLifeMs: 1_000 })).toEqual({
      ...DEFAULTS,
      latencyMs: 3,
      keyLifeMs: 1_000,
    });
    expect(await sandbox.setWorld({ tailMs: 5 })).toEqual({ ...DEFAULTS, tailMs: 5 });
    expect(await sandbox.json('GET', '/sandbox/settings')).toEqual({ ...DEFAULTS, tailMs: 5 });
  });

  it('refuses settings it does not know', async () => {
    await expect(sandbox.setWorld({ tailProbability: 2 })).rejects.toThrow('tailProbability');
    await expect(sandbox.setWorld({ latency: 2 } as never)).rejects.toThrow('latency');
  });

  it('latencyMs: every call takes that long', async () => {
    await sandbox.setWorld({ latencyMs: 300 });
    expect(await timed(sandbox.createIntent())).toBeGreaterThanOrEqual(295);
  });

  it('tailMs: a share of the calls takes longer', async () => {
    await sandbox.setWorld({ tailMs: 1_000, tailProbability: 0.5 });
    const times = await Promise.all(
      Array.from({ length: 20 }, (_, index) => timed(sandbox.createIntent({ orderId: `tail-${index}` }))),
    );
    const slow = times.filter((ms) => ms >= 995).length;
    expect(slow).toBeGreaterThan(3);
    expect(slow).toBeLessThan(17);
  });

  it('searchDelayMs: a search misses what a read finds', async () => {
    await sandbox.setWorld({ searchDelayMs: 1_500 });
    const intent = await sandbox.createIntent();
    const search = async () =>
      (await sandbox.stripe.paymentIntents.search({ query: `metadata['order_id']:'${orderOf(intent)}'` })).data;
    expect(await search()).toEqual([]);
    expect(await sandbox.stripe.paymentIntents.retrieve(intent.id)).toMatchObject({ id: intent.id });
    await eventually(async () => expect(await search()).toHaveLength(1));
  });

  it('authorisationLifeMs: an authorisation nobody captured is voided, and tells so', async () => {
    const intent = await sandbox.authorisedIntent();
    await sandbox.setWorld({ authorisationLifeMs: 100 });
    await eventually(async () =>
      expect(await sandbox.movements(orderOf(intent))).toEqual(['authorise 1200', 'void 1200']),
    );
    expect(await sandbox.stripe.paymentIntents.retrieve(intent.id)).toMatchObject({
      status: 'canceled',
      cancellation_reason: 'automatic',
    });
    await eventually(() => {
      expect(sandbox.receiver.genuine(orderOf(intent)).map(({ type }) => type)).toContain('payment_intent.canceled');
    });
  });

  it('authorisationLifeMs: a capture that comes too late is refused before any sweep has come by', async () => {
    const intent = await sandbox.authorisedIntent();
    await sandbox.setWorld({ authorisationLifeMs: 0 });
    expect(await errorOf(sandbox.stripe.paymentIntents.capture(intent.id))).toMatchObject({
      code: 'payment_intent_unexpected_state',
    });
    expect(await sandbox.movements(orderOf(intent))).toEqual(['authorise 1200', 'void 1200']);
  });
});
