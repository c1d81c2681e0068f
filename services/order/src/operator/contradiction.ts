import type { PaymentSnapshot } from '@once/contracts';
import type { Resolution, SagaInstance } from '@once/saga';
import { moneyEffectOf, type MoneyEffect } from './money-effect.js';

type PaymentStatus = PaymentSnapshot['status'];

/**
 * What the payment service may have said last for an operator's word to be accepted.
 *
 * Nobody's word moves money or ends an order unchecked. That money was taken, or that it was returned, is the last word on it: no
 * later step would notice the mistake, so the payment service must have said the same. That it was reserved is checked by the
 * capture that follows. That it was not applied is never believed, only not contradicted: the saga then returns what there may be.
 */
const CONSISTENT: Readonly<Record<MoneyEffect, Readonly<Record<'applied' | 'not-applied', readonly PaymentStatus[]>>>> =
  {
    reserve: {
      applied: ['unknown', 'pending', 'authorised', 'captured'],
      'not-applied': ['unknown', 'pending', 'declined', 'voided', 'refunded'],
    },
    take: {
      applied: ['captured'],
      'not-applied': ['unknown', 'pending', 'authorised', 'declined', 'voided'],
    },
    return: {
      applied: ['declined', 'voided', 'refunded'],
      'not-applied': ['unknown', 'pending', 'authorised', 'captured'],
    },
  };

/** Why the payment service's last word does not allow the operator's, in a sentence; null when it does. */
export function findContradiction(
  operation: Pick<SagaInstance, 'step' | 'direction'>,
  payment: PaymentSnapshot | null,
  resolution: Resolution,
): string | null {
  const effect = moneyEffectOf(operation);
  if (effect === undefined || resolution === 'retry') return null;

  const status = payment?.status ?? 'pending';
  if (CONSISTENT[effect][resolution].includes(status)) return null;
  const claim = resolution === 'applied' ? 'was applied' : 'was not applied';
  const { step, direction } = operation;
  const what = direction === 'compensation' ? `undoing ${step}` : step;
  return `The payment service said last that the payment is ${status}, so it cannot be settled that ${what} ${claim}. A retry asks it again.`;
}
