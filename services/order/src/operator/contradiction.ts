import type { PaymentSnapshot } from '@once/contracts';
import type { Resolution, SagaInstance } from '@once/saga';
import { statusOf } from './learned.js';
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

/** What the payment service's last word does not allow to be settled, in words; null when it allows the operator's. */
export function findContradiction(
  operation: Pick<SagaInstance, 'step' | 'direction'>,
  payment: PaymentSnapshot | null,
  resolution: Resolution,
): string | null {
  const effect = moneyEffectOf(operation);
  if (effect === undefined || resolution === 'retry') return null;
  if (CONSISTENT[effect][resolution].includes(statusOf(payment))) return null;

  const claim = resolution === 'applied' ? 'was applied' : 'was not applied';
  const { step, direction } = operation;
  const what = direction === 'compensation' ? `undoing ${step}` : step;
  return `it cannot be settled that ${what} ${claim}`;
}
