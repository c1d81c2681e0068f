import type { PaymentSnapshot } from '@once/contracts';
import { describe, expect, it } from 'vitest';
import { findContradiction } from './contradiction.js';

const STATUSES = ['unknown', 'pending', 'authorised', 'captured', 'voided', 'refunded', 'declined'] as const;

const told = (status: PaymentSnapshot['status']): PaymentSnapshot => ({ status, capturedAmount: 0, refundedAmount: 0 });

const authorise = { step: 'authorise-payment', direction: 'action' } as const;
const capture = { step: 'capture-payment', direction: 'action' } as const;
const undo = { step: 'authorise-payment', direction: 'compensation' } as const;
const refund = { step: 'return-payment', direction: 'action' } as const;

describe("an operator's word about money", () => {
  it.each([
    ['that it was reserved', authorise, 'applied', ['unknown', 'pending', 'authorised', 'captured']],
    ['that it was not reserved', authorise, 'not-applied', ['unknown', 'pending', 'voided', 'refunded', 'declined']],
    ['that it was taken', capture, 'applied', ['captured']],
    ['that it was not taken', capture, 'not-applied', ['unknown', 'pending', 'authorised', 'voided', 'declined']],
    ['that nothing is left to undo', undo, 'applied', ['voided', 'refunded', 'declined']],
    ['that undoing failed', undo, 'not-applied', ['unknown', 'pending', 'authorised', 'captured']],
    ['that it was refunded', refund, 'applied', ['voided', 'refunded', 'declined']],
    ['that it was not refunded', refund, 'not-applied', ['unknown', 'pending', 'authorised', 'captured']],
  ] as const)('%s is accepted only beside what the payment service said', (_claim, operation, resolution, accepted) => {
    expect(STATUSES.filter((status) => findContradiction(operation, told(status), resolution) === null)).toEqual(
      accepted,
    );
  });

  it('is asked for again whatever was said before', () => {
    expect(STATUSES.map((status) => findContradiction(capture, told(status), 'retry'))).toEqual(
      STATUSES.map(() => null),
    );
  });

  it('counts as about a payment of which nothing is known when the payment service never spoke', () => {
    expect(findContradiction(authorise, null, 'applied')).toBeNull();
    expect(findContradiction(undo, null, 'applied')).toBe(
      'it cannot be settled that undoing authorise-payment was applied',
    );
  });

  it('is free about a mail', () => {
    expect(
      findContradiction({ step: 'send-confirmation', direction: 'action' }, told('captured'), 'applied'),
    ).toBeNull();
  });
});
