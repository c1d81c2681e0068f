import type { Draw } from '../faults/fault-plan.js';
import type { Operation as OperationName } from '../faults/fault-rule.js';
import type { StickyAnswerRow } from '../ledger/journal-entry.js';
import type { Authorisations } from './authorisations.js';
import { isUnanswered, recordOf } from './call-record.js';
import { decide, refuseUnread, type Decision } from './decision.js';
import type { IntentStore } from './intent-store.js';
import type { Listings } from './listings.js';
import {
  cancelExistingIntent,
  captureExistingIntent,
  confirmExistingIntent,
  createIntent,
  createRefund,
  retrieveIntent,
  type Operation,
} from './operations.js';
import { cancelIntent } from './payment-intent.transitions.js';
import { drawIntent } from './stripe-objects.js';
import type { ProviderCall } from './provider-call.js';
import type { ProviderMemory } from './provider-memory.js';
import { answerOf, type Answer } from './reply.js';
import type { StickyAnswers } from './sticky-answers.js';
import { invalidRequest, stripeErrors } from './stripe-error.js';
import { intentIdOf, subjectOf } from './subject.js';

const OPERATIONS: Partial<Record<OperationName, Operation>> = {
  'payment_intents.create': createIntent,
  'payment_intents.confirm': confirmExistingIntent,
  'payment_intents.capture': captureExistingIntent,
  'payment_intents.cancel': cancelExistingIntent,
  'payment_intents.retrieve': retrieveIntent,
  'refunds.create': createRefund,
};

const NOT_A_FORM = invalidRequest('The parameters are no application/x-www-form-urlencoded form.');

/** Decides a call on the state of this moment and writes down what came of it. */
export class CallExecution {
  constructor(
    private readonly memory: ProviderMemory,
    private readonly intents: IntentStore,
    private readonly answers: StickyAnswers,
    private readonly authorisations: Authorisations,
    private readonly listings: Listings,
    private readonly clock: () => number,
  ) {}

  /** Returns the answer once it, and everything it claims, is on disk. `recordedAs`: the row of a call that was recorded on arrival. */
  async run(call: ProviderCall, draw: Draw, recordedAs?: number): Promise<Answer> {
    const intentId = intentIdOf(call) ?? '';
    const listed = call.form === undefined ? undefined : await this.listings.find(call.operation, call.form);
    await this.intents.load(intentId);
    // No await from here to `write`: a decision is about the state of its moment, and nobody may come between.
    const expired = this.expire(intentId);
    const decision = listed ?? this.decide(call, draw, intentId);
    const now = this.clock();
    const answer = answerAfter(decision, draw);
    const seq = recordedAs ?? this.memory.nextCall();
    const intent = decision.intent ?? this.intents.get(intentId);
    const { orderId } = subjectOf(call, intent);
    const record = recordOf(call, draw, {
      seq,
      now,
      orderId,
      paymentIntent: intent?.id ?? null,
      status: isUnanswered(draw) ? null : answer.status,
      applied: decision.applied,
    });
    const written = this.memory.write(
      decision,
      { now, idempotencyKey: call.idempotencyKey },
      {
        ...(recordedAs === undefined ? { calls: [record] } : { landedCalls: decision.applied ? [seq] : [] }),
        answers: this.keep(call, draw, decision, { ...answer, seq, now }),
      },
    );
    await Promise.all([expired, written]);
    return answer;
  }

  /** Voids an authorisation that has outlived its time, as its bank would. */
  expire(intentId: string): Promise<void> {
    const now = this.clock();
    const intent = this.intents.get(intentId);
    if (intent === null || !this.authorisations.hasExpired(intent, now)) return Promise.resolve();
    const decision = decide(intent, cancelIntent(intent, 'automatic', now), drawIntent);
    return this.memory.write(decision, { now, idempotencyKey: null });
  }

  private decide(call: ProviderCall, draw: Draw, intentId: string): Decision {
    const operation = OPERATIONS[call.operation];
    if (call.form === undefined || operation === undefined) return refuseUnread(NOT_A_FORM);
    return operation({
      form: call.form,
      intentId,
      intent: this.intents.get(intentId),
      now: this.clock(),
      nextSeq: () => this.memory.nextObject(),
      isAmountWrong: draw.fault === 'wrong_amount',
    });
  }

  private keep(
    call: ProviderCall,
    draw: Draw,
    decision: Decision,
    answer: Answer & { seq: number; now: number },
  ): StickyAnswerRow[] {
    const key = call.idempotencyKey;
    if (key === null || !decision.isSticky || draw.fault === 'ignore_keys') return [];
    const { status, body, seq, now } = answer;
    this.answers.remember(key, { fingerprint: call.fingerprint, firstAtMs: now, status }, body);
    return [{ key, seq, fingerprint: call.fingerprint, first_at: new Date(now).toISOString(), status, body }];
  }
}

/** A provider that fails after applying remembers its failure as the answer. */
function answerAfter(decision: Decision, draw: Draw): Answer {
  if (draw.fault === 'apply_then_500' && decision.isSticky) return answerOf(stripeErrors.internal);
  return { status: decision.status, body: JSON.stringify(decision.body) };
}
