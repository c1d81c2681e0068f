import type { Lease } from '@once/idempotency';
import { expect } from 'vitest';
import type { ProviderCall } from '../src/payment/next-call.js';
import { PaymentDriver } from '../src/payment/payment-driver.js';
import type { Payment, RequestKind } from '../src/payment/payment.js';
import { MemoryPayments } from './memory-payments.js';
import { MemoryProvider, type Fate } from './memory-provider.js';

/** A payment, its provider and one driver between them. */
export function given(
  fates: Partial<Record<ProviderCall, readonly Fate[]>> = {},
  meanwhile: (moment: string, payments: MemoryPayments) => Promise<unknown> = () => Promise.resolve(),
  recall: (payments: MemoryPayments) => Payment | undefined = () => undefined,
) {
  const left = new Map(Object.entries(fates).map(([call, list]) => [call, [...list]]));
  const payments = new MemoryPayments();
  const provider = new MemoryProvider({
    fateOf: (call) => left.get(call)?.shift() ?? 'answer',
    turn: (moment) => meanwhile(moment, payments),
  });
  const driver = new PaymentDriver(provider, payments.submit, () => recall(payments));
  const perform = (lease: Lease) => driver.perform(lease, new AbortController().signal);
  return {
    provider,
    payments,
    driver,
    perform,
    /** Drives as the service does: the driver, and then a rescuer until nothing is left. */
    async settle(lease: Lease): Promise<void> {
      await perform(lease);
      for (let passes = 0; passes < 10 && payments.unfinished.length > 0; passes += 1) {
        for (const unfinished of payments.unfinished) await perform(unfinished);
      }
      expect(payments.unfinished).toEqual([]);
    },
  };
}

/** What is asked of a payment on the shortest way to a call. */
export const REQUESTS: Readonly<Record<ProviderCall, readonly RequestKind[]>> = {
  create: ['authorise'],
  confirm: ['authorise'],
  capture: ['authorise', 'capture'],
  cancel: ['authorise', 'return'],
  refund: ['authorise', 'capture', 'return'],
};
