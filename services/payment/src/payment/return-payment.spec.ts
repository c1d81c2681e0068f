import { describe, expect, it } from 'vitest';
import { given } from '../../test/driven-payment.js';
import type { MemoryPayments } from '../../test/memory-payments.js';
import { operationOf } from '../../test/payments.js';

/** When the return is asked for. In between are the moments at which a call of the action is made, or its answer arrives. */
const MOMENTS = [
  'before its action',
  'execute create',
  'answer create',
  'execute confirm',
  'answer confirm',
  'execute capture',
  'answer capture',
  'after its action',
] as const;

/** The same operation so often, as a broker delivers it again, or as many operations, as a saga asks again after a no. */
const ASKED = [
  ['once', 1, () => 1],
  ['twice', 2, () => 1],
  ['ten times', 10, () => 1],
  ['by ten operations', 10, (time: number) => time],
] as const;

describe.each(ASKED)('a return that is asked for %s', (_, times, generationOf) => {
  it.each(MOMENTS)('%s leaves nothing taken and nothing reserved', async (moment) => {
    let isAsked = false;
    const ask = async (payments: MemoryPayments): Promise<void> => {
      isAsked = true;
      for (let time = 1; time <= times; time += 1) {
        await payments.request('return', { operation: operationOf('return', { generation: generationOf(time) }) });
      }
    };
    const { provider, payments, settle } = given({}, (reached, asked) =>
      reached === moment && !isAsked ? ask(asked) : Promise.resolve(),
    );
    if (moment === 'before its action') await ask(payments);
    await settle(await payments.request('authorise'));
    await settle(await payments.request('capture'));
    if (moment === 'after its action') await ask(payments);
    await settle(await payments.request('return'));

    expect(isAsked).toBe(true);
    expect(provider.reserved).toBe(0);
    expect(provider.sum('capture')).toBe(provider.sum('refund'));
    expect(provider.entries('refund').length + provider.entries('void').length).toBeLessThanOrEqual(1);
    // Each operation of the action is answered once, and no return is ever answered with anything but ok.
    const actions = payments.answers.filter((answer) => answer.includes(' action '));
    expect(actions).toHaveLength(2);
    const returns = payments.answers.filter((answer) => answer.includes(' compensation '));
    expect(new Set(returns)).toEqual(new Set(['authorise-payment compensation ok']));
    expect(payments.payment?.requests.every(({ isAnswered }) => isAnswered)).toBe(true);
  });
});
