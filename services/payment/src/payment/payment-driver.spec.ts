import { describe, expect, it } from 'vitest';
import { given, REQUESTS } from '../../test/driven-payment.js';
import { DECLINED, type Fate, type MemoryProvider } from '../../test/memory-provider.js';
import { arriving, charge, operationOf, ORDER_ID } from '../../test/payments.js';
import type { ProviderCall } from './next-call.js';
import { PaymentDriver } from './payment-driver.js';
import type { PaymentInput } from './payment-work.js';

const kindsIn = ({ ledger }: MemoryProvider) => ledger.map(({ kind }) => kind);

describe('a payment that is collected', () => {
  it('is created, confirmed and captured, each by one call', async () => {
    const { provider, payments, perform } = given();
    expect(await perform(await payments.request('authorise'))).toBe('finished');
    expect(provider.calls).toEqual(['create', 'confirm']);
    expect(await perform(await payments.request('capture'))).toBe('finished');

    expect(provider.calls).toEqual(['create', 'confirm', 'capture']);
    expect(kindsIn(provider)).toEqual(['authorise', 'capture']);
    expect(payments.answers).toEqual(['authorise-payment action ok', 'capture-payment action ok']);
  });

  it('is cancelled at the provider and refused when the card is declined', async () => {
    const { provider, payments, perform } = given();
    const lease = await payments.request('authorise', { charge: { ...charge, method: DECLINED } });
    expect(await perform(lease)).toBe('finished');

    expect(provider.calls).toEqual(['create', 'confirm', 'cancel']);
    expect(provider.ledger).toEqual([]);
    expect(payments.answers).toEqual(['authorise-payment action refused card_declined']);
  });

  it('is looked up, and called no more, while the provider is at work', async () => {
    const { provider, payments, perform } = given({ confirm: ['drop'] });
    const lease = await payments.request('authorise');
    await perform(lease);
    provider.become('pi_1', 'processing');
    expect(await perform(lease)).toBe('unfinished');
    expect(await perform(lease)).toBe('unfinished');
    expect(provider.calls).toEqual(['create', 'confirm', 'confirm']);

    provider.become('pi_1', 'requires_capture');
    expect(await perform(lease)).toBe('finished');
    expect(provider.calls).toHaveLength(3);
  });
});

describe.each<ProviderCall>(['create', 'confirm', 'capture', 'cancel', 'refund'])('a %s', (call) => {
  const upTo = async (fates: readonly Fate[]) => {
    const world = given({ [call]: fates });
    for (const kind of REQUESTS[call]) await world.settle(await world.payments.request(kind));
    return world;
  };
  const onceApplied = {
    create: ['authorise'],
    confirm: ['authorise'],
    capture: ['authorise', 'capture'],
    cancel: ['authorise', 'void'],
    refund: ['authorise', 'capture', 'refund'],
  }[call];

  it('is applied once when its answer is lost', async () => {
    const { provider } = await upTo(['lose']);
    expect(kindsIn(provider)).toEqual(onceApplied);
    expect(provider.strays).toBe(0);
  });

  it('is sent again, as the same operation, when nothing was heard of it', async () => {
    const { provider, payments } = await upTo(['drop', 'drop']);
    expect(kindsIn(provider)).toEqual(onceApplied);
    expect(provider.calls.filter((made) => made === call)).toHaveLength(3);
    expect(payments.payment?.generation).toBe(1);
  });

  it.each<Fate>(['fail-after', 'fail-before'])(
    'gets a new key when the provider keeps a 500 under the last (%s)',
    async (fate) => {
      const { provider, payments } = await upTo([fate]);
      expect(kindsIn(provider)).toEqual(onceApplied);
      expect(payments.payment?.generation).toBe(2);
    },
  );

  it('that lands long after it was given up is applied once', async () => {
    const world = given({ [call]: ['late'] });
    for (const kind of REQUESTS[call]) {
      const lease = await world.payments.request(kind);
      await world.perform(lease);
      world.provider.land();
      await world.settle(lease);
    }
    expect(kindsIn(world.provider)).toEqual(onceApplied);
  });
});

describe('a payment that is returned', () => {
  it('has nothing to call when the action never came', async () => {
    const { provider, payments, perform } = given();
    const lease = await payments.request('return');
    expect(payments.answers).toEqual(['authorise-payment compensation ok']);
    expect(await perform(lease)).toBe('finished');
    expect(provider.calls).toEqual([]);
  });

  it('refuses the late action after its return left a tombstone', async () => {
    const { provider, payments, settle } = given();
    await settle(await payments.request('return'));
    await settle(await payments.request('authorise'));

    expect(provider.calls).toEqual([]);
    expect(payments.answers).toEqual([
      'authorise-payment compensation ok',
      'authorise-payment action refused returned',
    ]);
  });

  it('lets go of the intent whose creation was under way', async () => {
    const { provider, payments, perform } = given({}, (moment, asked) =>
      moment === 'answer create' ? asked.request('return') : Promise.resolve(),
    );
    expect(await perform(await payments.request('authorise'))).toBe('finished');
    expect(provider.calls).toEqual(['create', 'cancel']);
    expect(provider.ledger).toEqual([]);
    expect(payments.answers).toEqual([
      'authorise-payment action refused returned',
      'authorise-payment compensation ok',
    ]);
  });

  it.each([
    ['void', 'execute capture', ['authorise', 'void']],
    ['refund', 'answer capture', ['authorise', 'capture', 'refund']],
  ])('ends in a %s when it is asked for at the moment to %s', async (_end, moment, movements) => {
    const world = given({}, async (reached, asked) => {
      if (reached === moment && world.payments.answers.length === 1) await world.perform(await asked.request('return'));
    });
    await world.settle(await world.payments.request('authorise'));
    await world.settle(await world.payments.request('capture'));

    expect(kindsIn(world.provider)).toEqual(movements);
    expect(world.payments.answers.slice(1)).toEqual([
      'capture-payment action refused returned',
      'authorise-payment compensation ok',
    ]);
  });

  it('is refunded once for ten returns of ten generations', async () => {
    const { provider, payments, settle } = given();
    await settle(await payments.request('authorise'));
    await settle(await payments.request('capture'));
    for (let generation = 1; generation <= 10; generation += 1) {
      await settle(await payments.request('return', { operation: operationOf('return', { generation }) }));
    }
    expect(kindsIn(provider)).toEqual(['authorise', 'capture', 'refund']);
    expect(payments.answers).toHaveLength(12);
  });
});

describe('an amount that the provider gets wrong', () => {
  it('when it authorises is given back and never captured', async () => {
    const { provider, payments, settle } = given({ confirm: ['short'] });
    await settle(await payments.request('authorise'));
    expect(provider.ledger).toEqual([
      { kind: 'authorise', intentId: 'pi_1', amount: 2399 },
      { kind: 'void', intentId: 'pi_1', amount: 2399 },
    ]);
    expect(payments.answers).toEqual(['authorise-payment action refused amount_mismatch']);
  });

  it('when it creates is never confirmed', async () => {
    const { provider, payments, settle } = given({ create: ['short'] });
    await settle(await payments.request('authorise'));
    expect(provider.calls).toEqual(['create', 'cancel']);
    expect(payments.answers).toEqual(['authorise-payment action refused amount_mismatch']);
  });

  it('when it captures is refunded whole', async () => {
    const { provider, payments, settle } = given({ capture: ['short'] });
    await settle(await payments.request('authorise'));
    await settle(await payments.request('capture'));
    expect(provider.sum('refund')).toBe(2399);
    expect(payments.answers.at(-1)).toBe('capture-payment action refused amount_mismatch');
  });

  it('when it refunds is made up for under a new key, because the first one belongs to other parameters', async () => {
    const { provider, payments, settle } = given({ refund: ['short'] });
    await settle(await payments.request('authorise'));
    await settle(await payments.request('capture'));
    await settle(await payments.request('return'));
    expect(provider.entries('refund').map(({ amount }) => amount)).toEqual([2399, 1]);
    expect(payments.payment?.generation).toBe(2);
  });
});

describe('a definite no to a call on an intent that has not moved', () => {
  it('is asked again under a new key, because the provider would repeat it under the old one', async () => {
    const { provider, payments, perform, settle } = given();
    await settle(await payments.request('authorise'));
    const lease = await payments.request('return');
    provider.become('pi_1', 'processing');
    expect(await perform(lease)).toBe('unfinished');
    provider.become('pi_1', 'requires_capture');
    await settle(lease);

    expect(kindsIn(provider)).toEqual(['authorise', 'void']);
    expect(payments.payment?.generation).toBe(2);
  });
});

describe('a driver', () => {
  it('leaves the rest to a rescuer when nothing can be read', async () => {
    const { provider, payments, perform, settle } = given({ confirm: ['lose'] });
    provider.hide();
    const lease = await payments.request('authorise');
    expect(await perform(lease)).toBe('unfinished');
    provider.heal();
    await settle(lease);
    expect(kindsIn(provider)).toEqual(['authorise']);
  });

  it('calls nobody after its lease was lost', async () => {
    const { provider, payments, driver } = given();
    const lease = await payments.request('authorise');
    expect(await driver.perform(lease, AbortSignal.abort())).toBe('unfinished');
    expect(provider.calls).toEqual([]);
  });

  it('stops after eight calls that bring the payment nowhere', async () => {
    const { payments } = given();
    const lease = await payments.request('authorise');
    let calls = 0;
    const driver = new PaymentDriver(
      {
        call: () => {
          calls += 1;
          return Promise.resolve({ kind: 'observed', observation: { kind: 'refunds', refundedAmount: 0 } });
        },
        read: () => Promise.reject(new Error('not read')),
      },
      payments.submit,
      () => undefined,
    );
    expect(await driver.perform(lease, new AbortController().signal)).toBe('unfinished');
    expect(calls).toBe(8);
  });

  it('takes a step record without a payment as a mistake', async () => {
    const { perform } = given();
    const lease = { scope: 'step', key: 'k', subject: arriving('authorise').orderId, token: 1 };
    await expect(perform(lease)).rejects.toThrow(`There is a step record but no payment of order ${ORDER_ID}.`);
  });
});

describe('a driver that recalls the payment', () => {
  it('does not look before its first call', async () => {
    const { payments, provider } = given();
    const lease = await payments.request('authorise');
    const submitted: string[] = [];
    const submit = (input: PaymentInput) => {
      submitted.push(input.kind);
      return payments.submit(input);
    };
    const driver = new PaymentDriver(provider, submit, () => payments.payment ?? undefined);
    expect(await driver.perform(lease, new AbortController().signal)).toBe('finished');
    expect(submitted).toEqual(['observation', 'observation']);
    expect(provider.calls).toEqual(['create', 'confirm']);
  });

  it('looks all the same when it is a rescuer', async () => {
    const { payments, provider, perform } = given({}, undefined, ({ past }) => past[0]);
    const lease = await payments.request('authorise');
    await payments.request('return');
    await perform({ ...lease, token: 2 });
    expect(provider.calls).toEqual([]);
  });

  it('has made no more than an intent that moves no money when a return was asked for meanwhile', async () => {
    const { payments, provider, perform } = given({}, undefined, ({ past }) => past[0]);
    const lease = await payments.request('authorise');
    await payments.request('return');
    await perform(lease);
    expect(provider.calls).toEqual(['create', 'cancel']);
    expect(provider.ledger.filter(({ kind }) => kind !== 'void')).toEqual([]);
  });
});
