import { describe, expect, it } from 'vitest';
import { paymentWith } from '../../test/payments.js';
import { answerTo, type Answer } from './answer.js';
import { INTENT_STATUSES, type IntentStatus, type Payment } from './payment.js';

const OK: Answer = { outcome: 'ok' };
const refusedWith = (reason: 'returned' | NonNullable<Payment['reason']>): Answer => ({ outcome: 'refused', reason });

const withStatus = (intentStatus: IntentStatus | null, fields: Partial<Payment>): Payment =>
  paymentWith({
    intentId: intentStatus === null ? null : 'pi_1',
    intentStatus,
    capturedAmount: intentStatus === 'succeeded' ? 2400 : 0,
    ...fields,
  });

/** The statuses in which the question is still open. */
const openStatuses = (kind: 'authorise' | 'capture' | 'return', fields: Partial<Payment>) =>
  [null, ...INTENT_STATUSES].filter((status) => answerTo(kind, withStatus(status, fields)) === null);

describe('the answer of a payment that is to collect', () => {
  it('to authorise is yes as soon as the amount is reserved or taken, and open until then', () => {
    expect(answerTo('authorise', withStatus('requires_capture', {}))).toEqual(OK);
    expect(answerTo('authorise', withStatus('succeeded', {}))).toEqual(OK);
    expect(openStatuses('authorise', {})).toEqual([
      null,
      'requires_payment_method',
      'requires_confirmation',
      'requires_action',
      'processing',
      'canceled',
    ]);
  });

  it('to capture is yes only when the amount is taken', () => {
    expect(answerTo('capture', withStatus('succeeded', {}))).toEqual(OK);
    expect(openStatuses('capture', {})).toHaveLength(7);
  });
});

describe('the answer of a payment that is to return', () => {
  const returning = { goal: 'return' } as const;

  it.each(['authorise', 'capture'] as const)('to %s is no only when it is sure to leave nothing behind', (kind) => {
    expect(openStatuses(kind, returning)).toEqual([
      'requires_payment_method',
      'requires_confirmation',
      'requires_action',
      'processing',
      'requires_capture',
      'succeeded',
    ]);
    expect(answerTo(kind, withStatus('canceled', returning))).toEqual(refusedWith('returned'));
    expect(answerTo(kind, withStatus(null, returning))).toEqual(refusedWith('returned'));
    expect(answerTo(kind, withStatus('succeeded', { ...returning, refundedAmount: 2400 }))).toEqual(
      refusedWith('returned'),
    );
  });

  it.each(['card_declined', 'payment_rejected', 'amount_mismatch', 'authorisation_expired'] as const)(
    'to authorise says %s when that is why',
    (reason) => {
      expect(answerTo('authorise', withStatus('canceled', { ...returning, reason }))).toEqual(refusedWith(reason));
    },
  );

  it('to return is yes when nothing is taken and nothing reserved, and never no', () => {
    expect(answerTo('return', withStatus(null, returning))).toEqual(OK);
    expect(answerTo('return', withStatus('canceled', { ...returning, reason: 'card_declined' }))).toEqual(OK);
    expect(answerTo('return', withStatus('succeeded', { ...returning, refundedAmount: 2400 }))).toEqual(OK);
    expect(answerTo('return', withStatus('succeeded', { ...returning, refundedAmount: 2399 }))).toBeNull();
    expect(answerTo('return', withStatus('requires_capture', returning))).toBeNull();
  });
});
