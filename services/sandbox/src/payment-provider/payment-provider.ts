import { setTimeout as sleep } from 'node:timers/promises';
import { chance } from '../faults/chance.js';
import type { Draw } from '../faults/fault-plan.js';
import type { Faults } from '../faults/faults.js';
import type { Journal } from '../ledger/journal.js';
import type { Patience } from '../world/patience.js';
import type { World } from '../world/world.js';
import type { CallExecution } from './call-execution.js';
import { isUnanswered, recordOf } from './call-record.js';
import type { IntentStore } from './intent-store.js';
import type { KeyGuard } from './key-guard.js';
import type { ProviderCall } from './provider-call.js';
import type { ProviderMemory } from './provider-memory.js';
import { answerOf, GARBAGE, replyWith, type Answer, type Reply } from './reply.js';
import type { StickyAnswers } from './sticky-answers.js';
import { invalidRequest, stripeErrors, type StripeError } from './stripe-error.js';
import { intentIdOf, subjectOf } from './subject.js';

/** A caller that never gives up on a late call is hung up on after this long. */
const PATIENCE_MS = 120_000;

/** Stripe's own limit. */
const KEY_LENGTH_MAX = 255;
const KEY_TOO_LONG = invalidRequest(`An Idempotency-Key has at most ${KEY_LENGTH_MAX} characters.`);

const NO_DRAW: Draw = { plan: 0, fault: null, rule: null, delayMs: 0, nth: 0 };

/**
 * The payment provider: what happens to one call.
 *
 * It is judged in this order: who calls, what is about to go wrong, whether the key was used before, and then the call
 * itself, decided on the state of that moment and answered when the decision is on disk. Faults decide what the provider
 * does and what the caller gets to see of it; they never make the ledger or the list of calls lie.
 */
export class PaymentProvider {
  constructor(
    private readonly journal: Journal,
    private readonly memory: ProviderMemory,
    private readonly intents: IntentStore,
    private readonly answers: StickyAnswers,
    private readonly keys: KeyGuard,
    private readonly execution: CallExecution,
    private readonly faults: Faults,
    private readonly world: World,
    private readonly patience: Patience,
    private readonly clock: () => number,
  ) {}

  async handle(call: ProviderCall): Promise<Reply> {
    // The only answer without a row: a provider that cannot write does nothing and says so.
    if (this.journal.isFull) return replyWith(answerOf(stripeErrors.unavailable));
    if (!call.isAuthorised) return this.turnAway(call, NO_DRAW, stripeErrors.unauthorised);
    if ((call.idempotencyKey?.length ?? 0) > KEY_LENGTH_MAX) return this.turnAway(call, NO_DRAW, KEY_TOO_LONG);
    const intentId = intentIdOf(call);
    if (intentId !== null) await this.intents.load(intentId);
    const draw = this.faults.draw(call.operation, subjectOf(call, this.intents.get(intentId ?? '')));
    if (draw.fault === 'down') return this.leave(call, draw, { kind: 'close' });
    if (draw.fault === 'timeout_without_applying') return this.leave(call, draw, { kind: 'hold', ms: draw.delayMs });
    if (draw.fault === '500_without_applying') return this.turnAway(call, draw, stripeErrors.internal);
    if (draw.fault === 'conflict_409') return this.turnAway(call, draw, stripeErrors.keyInUse);
    if (draw.fault === 'rate_limit_429') return this.turnAway(call, draw, stripeErrors.rateLimited);
    return this.underKey(call, draw);
  }

  private async underKey(call: ProviderCall, draw: Draw): Promise<Reply> {
    const key = draw.fault === 'ignore_keys' ? null : call.idempotencyKey;
    if (key !== null) {
      const verdict = await this.keys.claim(key, call, draw);
      if (verdict.kind === 'refused') return this.turnAway(call, withoutFault(draw), verdict.error);
      if (verdict.kind === 'answered') return this.replay(call, draw, key, verdict.status);
    }
    if (draw.fault === 'late_apply') return this.applyLate(call, draw, key);
    try {
      return await this.apply(call, draw);
    } finally {
      if (key !== null) this.keys.release(key);
    }
  }

  private async apply(call: ProviderCall, draw: Draw): Promise<Reply> {
    await this.latency(call, draw);
    const answer = await this.execution.run(call, draw);
    if (draw.fault === 'slow') await this.patience.wait(draw.delayMs);
    return disguise(draw, answer, headersOf(call));
  }

  /** The call is not lost: it lands when nobody waits for it any more. Until then its key is in use. */
  private async applyLate(call: ProviderCall, draw: Draw, key: string | null): Promise<Reply> {
    const seq = await this.recordUnapplied(call, draw, null);
    const land = async (): Promise<void> => {
      await sleep(draw.delayMs, undefined, { ref: false });
      await this.execution.run(call, draw, seq);
      if (key !== null) this.keys.release(key);
    };
    // A journal that cannot be written ends the process (journal.ts), so there is nobody left to tell.
    return { kind: 'hold', ms: PATIENCE_MS, whenGone: () => void land().catch(() => undefined) };
  }

  private async replay(call: ProviderCall, draw: Draw, key: string, status: number): Promise<Reply> {
    const body = await this.answers.bodyOf(key);
    const felt = isFeltOnReplay(draw) ? draw : withoutFault(draw);
    await this.recordUnapplied(call, felt, isUnanswered(felt) ? null : status);
    if (felt.fault === 'slow') await this.patience.wait(felt.delayMs);
    return disguise(felt, { status, body }, { ...headersOf(call), 'idempotent-replayed': 'true' });
  }

  private async turnAway(call: ProviderCall, draw: Draw, error: StripeError): Promise<Reply> {
    await this.recordUnapplied(call, draw, error.status);
    return replyWith(answerOf(error), headersOf(call));
  }

  private async leave(call: ProviderCall, draw: Draw, reply: Reply): Promise<Reply> {
    await this.recordUnapplied(call, draw, null);
    return reply;
  }

  private async recordUnapplied(call: ProviderCall, draw: Draw, status: number | null): Promise<number> {
    const intent = this.intents.get(intentIdOf(call) ?? '');
    const { orderId } = subjectOf(call, intent);
    const seq = this.memory.nextCall();
    await this.memory.record(
      recordOf(call, draw, {
        seq,
        now: this.clock(),
        orderId,
        paymentIntent: intent?.id ?? null,
        status,
        applied: false,
      }),
    );
    return seq;
  }

  private async latency(call: ProviderCall, { nth }: Draw): Promise<void> {
    const { latencyMs, tailMs, tailProbability } = this.world.settings;
    const isInTail =
      tailProbability > chance(this.faults.plan.document.seed, 'tail', call.operation, call.fingerprint, nth);
    await this.patience.wait(isInTail ? latencyMs + tailMs : latencyMs);
  }
}

/** What the caller gets to see of an answer. */
function disguise(draw: Draw, answer: Answer, headers: Readonly<Record<string, string>>): Reply {
  if (draw.fault === 'apply_then_timeout') return { kind: 'hold', ms: draw.delayMs };
  if (draw.fault === 'apply_then_reset') return { kind: 'reset' };
  if (draw.fault === 'garbage_200') return GARBAGE;
  return replyWith(answer, headers);
}

/** A repeat changes nothing, so only what happens on the wire can go wrong with it. */
const isFeltOnReplay = (draw: Draw): boolean =>
  isUnanswered(draw) || draw.fault === 'garbage_200' || draw.fault === 'slow';

const withoutFault = (draw: Draw): Draw => ({ ...draw, fault: null });

const headersOf = ({ idempotencyKey }: ProviderCall): Record<string, string> =>
  idempotencyKey === null ? {} : { 'idempotency-key': idempotencyKey };
