import type { Draw } from '../faults/fault-plan.js';
import type { CallRow } from '../ledger/journal-entry.js';
import type { ProviderCall } from './provider-call.js';

export interface CallOutcome {
  readonly seq: number;
  readonly now: number;
  readonly orderId: string | null;
  readonly paymentIntent: string | null;
  /** What the caller is answered; null: nothing. */
  readonly status: number | null;
  readonly applied: boolean;
}

/** The row that tells what became of a call, and which fault hit it. */
export function recordOf(call: ProviderCall, draw: Draw, outcome: CallOutcome): CallRow {
  return {
    seq: outcome.seq,
    at: new Date(outcome.now).toISOString(),
    operation: call.operation,
    order_id: outcome.orderId,
    payment_intent: outcome.paymentIntent,
    idempotency_key: call.idempotencyKey,
    fingerprint: call.fingerprint,
    status: outcome.status,
    applied: outcome.applied,
    fault: draw.fault,
    fault_rule: draw.rule,
    plan: draw.plan,
  };
}

/** Whether the caller never gets to see the answer. */
export const isUnanswered = ({ fault }: Draw): boolean =>
  fault === 'apply_then_timeout' || fault === 'apply_then_reset';
