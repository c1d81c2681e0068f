import type { Lease } from '@once/idempotency';
import { describe, expect, it } from 'vitest';
import { given, REQUESTS } from '../../test/driven-payment.js';
import type { ProviderCall } from './next-call.js';

describe('an answer that does not decide', () => {
  const again = (lease: Lease): Lease => ({ ...lease, token: lease.token + 1 });

  it.each<[ProviderCall, string]>([
    ['confirm', 'authorise-payment action'],
    ['capture', 'capture-payment action'],
    ['cancel', 'authorise-payment compensation'],
    ['refund', 'authorise-payment compensation'],
  ])('of a refused %s is told at the second look, and the decision when it comes', async (call, asked) => {
    const { provider, payments, perform, settle } = given({ [call]: ['refuse', 'refuse', 'refuse'] });
    const kinds = REQUESTS[call];
    for (const kind of kinds.slice(0, -1)) await settle(await payments.request(kind));
    const before = payments.answers.length;
    const lease = await payments.request(kinds.at(-1) ?? 'authorise');

    expect(await perform(lease)).toBe('unfinished');
    expect(payments.answers.slice(before)).toEqual([]);
    expect(await perform(again(lease))).toBe('unfinished');
    expect(await perform(again(lease))).toBe('unfinished');
    expect(payments.answers.slice(before)).toEqual([`${asked} unknown ${call}_refused`]);

    provider.heal();
    expect(await perform(again(lease))).toBe('finished');
    expect(payments.answers.slice(before + 1)).toEqual([`${asked} ok`]);
    expect(payments.payment?.undecided).toBeNull();
  });

  it('is one that brings nothing nearer; the next drive tries a new key', async () => {
    const { provider, payments, perform } = given({ capture: ['ignore', 'ignore'] });
    await perform(await payments.request('authorise'));
    const lease = await payments.request('capture');
    for (const held of [lease, again(lease)]) expect(await perform(held)).toBe('unfinished');
    expect(payments.answers.slice(1)).toEqual(['capture-payment action unknown capture_without_effect']);

    expect(await perform(again(lease))).toBe('finished');
    expect(payments.answers.slice(2)).toEqual(['capture-payment action ok']);
    expect(provider.entries('capture')).toHaveLength(1);
  });

  it.each(['requires_action', 'processing'] as const)('is an intent that stays %s', async (status) => {
    const { provider, payments, perform } = given({ confirm: ['drop'] });
    const lease = await payments.request('authorise');
    await perform(lease);
    provider.become('pi_1', status);
    await perform(again(lease));
    expect(payments.answers).toEqual([`authorise-payment action unknown intent_${status}`]);
    expect(payments.replies[0]?.payload.payment).toMatchObject({ status: 'unknown' });

    provider.become('pi_1', 'requires_capture');
    expect(await perform(again(lease))).toBe('finished');
    expect(payments.answers.slice(1)).toEqual(['authorise-payment action ok']);
  });

  it('is an intent that the provider does not show', async () => {
    const { provider, payments, perform, settle } = given({ confirm: ['drop'] });
    const lease = await payments.request('authorise');
    await perform(lease);
    provider.conceal();
    provider.become('pi_1', 'processing');
    await perform(again(lease));
    expect(payments.answers).toEqual(['authorise-payment action unknown look_up_refused']);

    provider.heal();
    provider.become('pi_1', 'requires_capture');
    await settle(lease);
    expect(payments.answers.slice(1)).toEqual(['authorise-payment action ok']);
  });

  it('is no answer at all when the provider cannot be reached', async () => {
    const { provider, payments, perform } = given({ confirm: ['drop', 'drop', 'drop'] });
    provider.hide();
    const lease = await payments.request('authorise');
    for (const held of [lease, again(lease), again(lease)]) expect(await perform(held)).toBe('unfinished');
    expect(payments.answers).toEqual([]);
  });
});
