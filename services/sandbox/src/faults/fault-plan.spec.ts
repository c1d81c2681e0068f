import { describe, expect, it } from 'vitest';
import { FaultPlan } from './fault-plan.js';
import { faultPlanDocument, type FaultRule } from './fault-rule.js';

const about = (orderId: string | null, more: { paymentMethod?: string; email?: string } = {}) => ({
  orderId,
  paymentMethod: more.paymentMethod ?? null,
  email: more.email ?? null,
});
const planOf = (rules: FaultRule[], seed = 1): FaultPlan => new FaultPlan({ seed, rules }, 1);
const always = (
  operation: FaultRule['operation'],
  fault: FaultRule['fault'],
  more: Partial<FaultRule> = {},
): FaultRule => ({ operation, fault, ...more });

describe('FaultPlan', () => {
  it('lets the first live rule win', () => {
    const plan = planOf([
      always('payment_intents.capture', 'apply_then_500', { times: 1 }),
      always('payment_intents.capture', 'slow'),
    ]);
    expect(plan.draw('payment_intents.capture', about('a'))).toMatchObject({ fault: 'apply_then_500', rule: 0 });
    expect(plan.draw('payment_intents.capture', about('a'))).toMatchObject({ fault: 'slow', rule: 1 });
    expect(plan.strikes).toEqual([1, 1]);
  });

  it('asks the next rule when a chance was lost', () => {
    const plan = planOf([always('*', 'down', { probability: 0 }), always('*', 'slow')]);
    expect(plan.draw('refunds.create', about('a'))).toMatchObject({ fault: 'slow' });
  });

  it.each([
    ['order', { orderId: 'a' }, about('a'), about('b')],
    ['payment method', { paymentMethod: 'pm_x' }, about('a', { paymentMethod: 'pm_x' }), about('a')],
    ['mail address', { email: 'x@y' }, about('a', { email: 'x@y' }), about('a', { email: 'z@y' })],
  ])('matches by %s', (_what, match, hit, missed) => {
    const plan = planOf([always('*', 'slow', { match })]);
    expect(plan.draw('smtp.send', hit).fault).toBe('slow');
    expect(plan.draw('smtp.send', missed).fault).toBeNull();
  });

  it('lets * reach only where its fault makes sense', () => {
    const plan = planOf([always('*', 'forge'), always('*', 'reject_4xx'), always('*', 'garbage_200')]);
    expect(plan.draw('webhooks.deliver', about('a')).fault).toBe('forge');
    expect(plan.draw('smtp.send', about('a')).fault).toBe('reject_4xx');
    expect(plan.draw('payment_intents.create', about('a')).fault).toBe('garbage_200');
  });

  it('makes a refund wrong only when a rule asks for it by name', () => {
    expect(planOf([always('*', 'wrong_amount')]).draw('refunds.create', about('a')).fault).toBeNull();
    expect(planOf([always('refunds.create', 'wrong_amount')]).draw('refunds.create', about('a')).fault).toBe(
      'wrong_amount',
    );
  });

  it('gives the same faults whatever the order of arrival, and others under another seed', () => {
    const rules = [
      always('*', 'slow', { probability: 0.3 }),
      always('payment_intents.confirm', 'down', { probability: 0.3 }),
    ];
    const orders = Array.from({ length: 200 }, (_, index) => `order-${index}`);
    const faultsOf = (arrivals: readonly string[], seed: number) => {
      const plan = planOf(rules, seed);
      return new Map(
        arrivals.map((order) => [order, [1, 2].map(() => plan.draw('payment_intents.confirm', about(order)).fault)]),
      );
    };
    const first = faultsOf(orders, 7);
    expect(faultsOf([...orders].reverse(), 7)).toEqual(first);
    expect(faultsOf(orders, 8)).not.toEqual(first);
    const hit = [...first.values()].flat().filter((fault) => fault === 'slow').length;
    expect(hit).toBeGreaterThan(80);
    expect(hit).toBeLessThan(160);
  });

  it('continues its counts after a restart', () => {
    const rules = [always('*', 'slow', { times: 3 })];
    const plan = new FaultPlan({ seed: 1, rules }, 4, {
      calls: [{ operation: 'refunds.create', orderId: 'a', count: 2 }],
      strikes: [{ rule: 0, count: 2 }],
    });
    expect(plan.draw('refunds.create', about('a'))).toMatchObject({ fault: 'slow', nth: 3, plan: 4 });
    expect(plan.draw('refunds.create', about('a')).fault).toBeNull();
  });
});

describe('faultPlanDocument', () => {
  it('stores what it was given and nothing else', () => {
    const given = { seed: 3, rules: [{ operation: '*', fault: 'down', match: { orderId: 'a' } }] };
    expect(faultPlanDocument.parse(given)).toEqual(given);
  });

  it.each([
    ['an unknown fault', { rules: [{ operation: '*', fault: 'meteor' }] }],
    ['an unknown operation', { rules: [{ operation: 'charges.create', fault: 'down' }] }],
    ['a chance above 1', { rules: [{ operation: '*', fault: 'down', probability: 1.1 }] }],
    ['an unknown field', { rules: [{ operation: '*', fault: 'down', chance: 1 }] }],
  ])('refuses %s', (_what, given) => {
    expect(faultPlanDocument.safeParse(given).success).toBe(false);
  });
});
