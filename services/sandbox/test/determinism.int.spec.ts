import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FaultRule } from '../src/faults/fault-rule.js';
import { openTestSandbox, type TestSandbox } from './support/test-sandbox.js';

/** Unlucky orders need about ten tries; one that needs more than this is never lucky. */
const TRIES_MAX = 60;

const RULES: FaultRule[] = [
  { operation: 'payment_intents.capture', fault: 'apply_then_500', probability: 0.1 },
  { operation: 'payment_intents.create', fault: 'conflict_409', probability: 0.2 },
  { operation: '*', fault: '500_without_applying', probability: 0.2 },
  {
    operation: 'payment_intents.confirm',
    fault: 'apply_then_reset',
    probability: 0.2,
    match: { paymentMethod: 'pm_card_amex' },
  },
  { operation: '*', fault: 'garbage_200', probability: 0.1 },
];

describe('faults under one seed', () => {
  const sandboxes: TestSandbox[] = [];
  beforeAll(async () => {
    for (let count = 0; count < 3; count += 1) sandboxes.push(await openTestSandbox());
  });
  afterAll(() => Promise.all(sandboxes.map((sandbox) => sandbox.close())));

  /** Plays 60 orders with so many clients at a time and returns, per order, which call of which operation met which fault. */
  const play = async (sandbox: TestSandbox | undefined, seed: number, clients: number) => {
    if (sandbox === undefined) throw new Error('there are three sandboxes');
    await sandbox.setFaults(RULES, seed);
    const waiting = Array.from({ length: 60 }, (_, index) => `order-${index}`);
    const client = async (): Promise<void> => {
      for (let order = waiting.shift(); order !== undefined; order = waiting.shift()) await playOrder(sandbox, order);
    };
    await Promise.all(Array.from({ length: clients }, client));
    const faults = new Map<string, string[]>();
    for (const { orderId, operation, fault, status } of await sandbox.json<Line[]>('GET', '/sandbox/calls')) {
      const met = faults.get(orderId) ?? [];
      faults.set(orderId, [...met, `${operation} ${status} ${fault}`]);
    }
    return faults;
  };

  it('are the same with one client and with fifty, and others under another seed', async () => {
    const one = await play(sandboxes[0], 42, 1);
    const fifty = await play(sandboxes[1], 42, 50);
    const other = await play(sandboxes[2], 43, 50);
    expect(one.size).toBe(60);
    expect(fifty).toEqual(one);
    expect(other).not.toEqual(one);
    const met = new Set([...one.values()].flat().map((line) => line.split(' ').at(-1)));
    expect(met).toEqual(new Set(['null', ...RULES.map(({ fault }) => fault)]));
  }, 180_000);
});

interface Line {
  readonly orderId: string;
  readonly operation: string;
  readonly fault: string | null;
  readonly status: number | null;
}

async function playOrder({ stripe }: TestSandbox, order: string): Promise<void> {
  const cardIsAmex = Number(order.slice(-1)) % 2 === 0;
  const intent = await insist(() =>
    stripe.paymentIntents.create(
      {
        amount: 1200,
        currency: 'eur',
        capture_method: 'manual',
        payment_method: cardIsAmex ? 'pm_card_amex' : 'pm_card_visa',
        metadata: { order_id: order },
      },
      { idempotencyKey: `${order}:create` },
    ),
  );
  await insist(() => stripe.paymentIntents.confirm(intent.id, {}, { idempotencyKey: `${order}:confirm` }));
  let generation = 0;
  // A 500 that sticks to its key asks for the next generation; the state then tells that the capture was applied.
  await insist(() =>
    stripe.paymentIntents.capture(intent.id, {}, { idempotencyKey: `${order}:capture:${(generation += 1)}` }),
  ).catch(async () => {
    expect((await insist(() => stripe.paymentIntents.retrieve(intent.id))).status).toBe('succeeded');
  });
}

/** Tries again until the call succeeds or is definitely refused. */
async function insist<Answer>(call: () => Promise<Answer>): Promise<Answer> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      const status = (error as { statusCode?: number }).statusCode;
      if (status === 400 || attempt === TRIES_MAX) throw error;
    }
  }
}
