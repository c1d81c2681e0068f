import { describe, expect, it } from 'vitest';
import { answered, open, paymentWith } from '../../test/payments.js';
import { nextCall, type ProviderCall } from './next-call.js';
import { INTENT_STATUSES, type IntentStatus, type Payment } from './payment.js';

type Table = readonly (readonly [IntentStatus | null, ProviderCall | null])[];

const statuses = [null, ...INTENT_STATUSES];

/** An intent in this status; one that succeeded has captured the amount. */
const withStatus = (intentStatus: IntentStatus | null, fields: Partial<Payment> = {}): Payment =>
  paymentWith({
    intentId: intentStatus === null ? null : 'pi_1',
    intentStatus,
    capturedAmount: intentStatus === 'succeeded' ? 2400 : 0,
    ...fields,
  });

const tableOf = (fields: Partial<Payment>): Table =>
  statuses.map((status) => [status, nextCall(withStatus(status, fields))] as const);

describe('the next call of a payment that is to collect', () => {
  it('creates, then confirms, then waits with the authorisation until the capture is asked for', () => {
    const table: Table = [
      [null, 'create'],
      ['requires_payment_method', 'confirm'],
      ['requires_confirmation', 'confirm'],
      ['requires_action', null],
      ['processing', null],
      ['requires_capture', null],
      ['succeeded', null],
      ['canceled', null],
    ];
    expect(tableOf({ goal: 'collect', requests: [open('authorise')] })).toEqual(table);
  });

  it('captures the authorisation once that is asked for, and nothing else changes', () => {
    const table: Table = [
      [null, 'create'],
      ['requires_payment_method', 'confirm'],
      ['requires_confirmation', 'confirm'],
      ['requires_action', null],
      ['processing', null],
      ['requires_capture', 'capture'],
      ['succeeded', null],
      ['canceled', null],
    ];
    expect(tableOf({ goal: 'collect', requests: [answered('authorise'), open('capture')] })).toEqual(table);
  });

  it('calls nobody before an authorisation was asked for', () => {
    for (const status of statuses) expect(nextCall(withStatus(status, { requests: [] }))).toBeNull();
  });
});

describe('the next call of a payment that is to return', () => {
  it('cancels what may still be taken, and refunds what was taken', () => {
    const table: Table = [
      [null, null],
      ['requires_payment_method', 'cancel'],
      ['requires_confirmation', 'cancel'],
      ['requires_action', 'cancel'],
      ['processing', 'cancel'],
      ['requires_capture', 'cancel'],
      ['succeeded', 'refund'],
      ['canceled', null],
    ];
    for (const requests of [[], [open('return')], [answered('authorise'), open('capture'), open('return')]]) {
      expect(tableOf({ goal: 'return', requests })).toEqual(table);
    }
  });

  it('refunds until all that was captured is back', () => {
    const refunded = (refundedAmount: number) => nextCall(withStatus('succeeded', { goal: 'return', refundedAmount }));
    expect(refunded(0)).toBe('refund');
    expect(refunded(2399)).toBe('refund');
    expect(refunded(2400)).toBeNull();
  });
});
