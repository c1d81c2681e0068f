import type { Observation } from '../src/payment/observation.js';
import type { ProviderCall } from '../src/payment/next-call.js';
import type { IntentStatus, Payment } from '../src/payment/payment.js';
import type { CallResult, PaymentProvider, ReadResult } from '../src/provider/payment-provider.js';
import { KeySuccession } from './key-succession.js';
import { requestOf, type ProviderRequest } from './provider-request.js';

/**
 * What becomes of one call:
 *
 *   answer       applied, and its answer arrives
 *   lose         applied, and its answer is lost
 *   drop         not applied, and nothing is heard
 *   late         nothing is heard; it is applied when `land` is called
 *   fail-after   applied, and answered with a 500 that is kept under the key
 *   fail-before  not applied, and answered with a 500 that is kept under the key
 *   short        applied with one minor unit too little, if that is any
 *   refuse       not applied, and answered with a definite no of the provider's own
 *   ignore       not applied, and answered with the intent as it is
 */
export const FATES = ['answer', 'lose', 'drop', 'late', 'fail-after', 'fail-before', 'short'] as const;
export type Fate = (typeof FATES)[number] | 'refuse' | 'ignore';

export interface LedgerEntry {
  readonly kind: 'authorise' | 'capture' | 'void' | 'refund';
  readonly intentId: string;
  readonly amount: number;
}

export interface MemoryProviderOptions {
  /** Default: every call is answered. */
  readonly fateOf?: (call: ProviderCall) => Fate;
  /** Default: the answer to the first call under a key is the answer to all of them. */
  readonly ignoresKeys?: boolean;
  /** Awaited before a call is executed and before its answer arrives. */
  readonly turn?: (what: string) => Promise<unknown>;
}

interface Intent {
  readonly id: string;
  status: IntentStatus;
  readonly amount: number;
  held: number;
  captured: number;
  refunded: number;
}

type Kept = { readonly request: ProviderRequest; readonly answer: CallResult | 'failure' | 'in flight' };

const UNHEARD = { kind: 'unknown', cause: 'no answer' } as const;

/** A payment provider whose objects refuse a second application, whose network is bad and whose ledger is open. */
export class MemoryProvider implements PaymentProvider {
  readonly ledger: LedgerEntry[] = [];
  readonly calls: ProviderCall[] = [];
  readonly succession = new KeySuccession();
  private readonly intents = new Map<string, Intent>();
  private readonly keys = new Map<string, Kept>();
  private readonly underWay: ProviderRequest[] = [];
  private fateOf: (call: ProviderCall) => Fate;
  private lookUps: 'answered' | 'refused' | 'unheard' = 'answered';
  private readonly turn: (what: string) => Promise<unknown>;
  private readonly ignoresKeys: boolean;

  constructor({ fateOf, ignoresKeys, turn }: MemoryProviderOptions = {}) {
    this.fateOf = fateOf ?? (() => 'answer');
    this.ignoresKeys = ignoresKeys ?? false;
    this.turn = turn ?? (() => Promise.resolve());
  }

  /** From now on every call is answered. */
  heal(): void {
    this.fateOf = () => 'answer';
    this.lookUps = 'answered';
  }

  /** Look-ups fail until it heals. */
  hide(): void {
    this.lookUps = 'unheard';
  }

  /** Look-ups are answered with a definite no until it heals. */
  conceal(): void {
    this.lookUps = 'refused';
  }

  /** What was late is applied now, in the order in which it was sent. */
  land(): void {
    for (const request of this.underWay.splice(0)) this.keys.set(request.key, { request, answer: this.apply(request) });
  }

  /** Sets an intent's status from outside, as its bank or a person would. */
  become(intentId: string, status: IntentStatus): void {
    const intent = this.intentOf(intentId);
    intent.status = status;
    intent.held = status === 'requires_capture' ? intent.amount : 0;
  }

  /** Gives back what an intent has taken, from outside. */
  giveBack(intentId: string): void {
    const intent = this.intentOf(intentId);
    intent.refunded = intent.captured;
  }

  get strays(): number {
    return Math.max(0, this.intents.size - 1);
  }

  /** What is reserved and not taken, over all intents. */
  get reserved(): number {
    return [...this.intents.values()].reduce((sum, { held }) => sum + held, 0);
  }

  sum(kind: LedgerEntry['kind']): number {
    return this.entries(kind).reduce((sum, { amount }) => sum + amount, 0);
  }

  entries(kind: LedgerEntry['kind']): readonly LedgerEntry[] {
    return this.ledger.filter((entry) => entry.kind === kind);
  }

  async call(call: ProviderCall, payment: Payment): Promise<CallResult> {
    const request = requestOf(call, payment);
    this.calls.push(call);
    this.succession.sent(call, request.key);
    await this.turn(`execute ${call}`);
    const result = this.execute(request);
    this.succession.executed(request.key, result);
    await this.turn(`answer ${call}`);
    return result;
  }

  async read(intentId: string): Promise<ReadResult> {
    await this.turn('look up');
    const observations = this.peek(intentId);
    await this.turn('answer the look-up');
    if (this.lookUps === 'refused') return { kind: 'refused', cause: 'no such intent for this account' };
    return this.lookUps === 'answered' ? { kind: 'observed', observations } : UNHEARD;
  }

  /** What is true of an intent at this moment. */
  peek(intentId: string): readonly Observation[] {
    const intent = this.intentOf(intentId);
    const observations = [intentObservation(intent)];
    return intent.status === 'succeeded'
      ? [...observations, { kind: 'refunds', refundedAmount: intent.refunded }]
      : observations;
  }

  private execute(request: ProviderRequest): CallResult {
    const kept = this.ignoresKeys ? undefined : this.keys.get(request.key);
    if (kept !== undefined) return this.repeat(kept, request);
    const fate = this.fateOf(request.call);
    switch (fate) {
      case 'answer':
        return this.keep(request, this.apply(request));
      case 'short':
        return this.keep(request, this.apply({ ...request, amount: Math.max(1, request.amount - 1) }));
      case 'lose':
        this.keep(request, this.apply(request));
        return UNHEARD;
      case 'drop':
        return UNHEARD;
      case 'late':
        this.underWay.push(request);
        this.keys.set(request.key, { request, answer: 'in flight' });
        return UNHEARD;
      case 'fail-after':
        this.apply(request);
        this.keys.set(request.key, { request, answer: 'failure' });
        return stuck(request);
      case 'refuse':
        return this.keep(request, { kind: 'refused', cause: 'the account may not do this' });
      case 'ignore':
        return this.keep(request, observed(this.intentOf(request.intentId)));
      case 'fail-before':
        this.keys.set(request.key, { request, answer: 'failure' });
        return stuck(request);
    }
  }

  private keep(request: ProviderRequest, answer: CallResult): CallResult {
    this.keys.set(request.key, { request, answer });
    return answer;
  }

  /** Other parameters under a used key are refused, as Stripe does. */
  private repeat({ request, answer }: Kept, repeated: ProviderRequest): CallResult {
    if (answer === 'in flight') return UNHEARD;
    if (answer === 'failure') return stuck(repeated);
    return request.amount === repeated.amount ? answer : { kind: 'refused', cause: 'idempotency_error' };
  }

  private apply(request: ProviderRequest): CallResult {
    if (request.call === 'create') return this.create(request);
    const intent = this.intentOf(request.intentId);
    switch (request.call) {
      case 'confirm':
        return this.confirm(intent, request);
      case 'capture':
        if (intent.status !== 'requires_capture') return refused(intent);
        intent.captured = Math.min(intent.held, request.amount);
        this.write('capture', intent, intent.captured);
        return move(intent, 'succeeded');
      case 'cancel':
        if (['processing', 'succeeded', 'canceled'].includes(intent.status)) return refused(intent);
        if (intent.held > 0) this.write('void', intent, intent.held);
        return move(intent, 'canceled');
      case 'refund':
        if (intent.status !== 'succeeded' || request.amount > intent.captured - intent.refunded) return refused(intent);
        intent.refunded += request.amount;
        this.write('refund', intent, request.amount);
        return { kind: 'observed', observation: { kind: 'refunds', refundedAmount: intent.refunded } };
    }
  }

  private create({ amount }: ProviderRequest): CallResult {
    const id = `pi_${this.intents.size + 1}`;
    const intent: Intent = { id, status: 'requires_confirmation', amount, held: 0, captured: 0, refunded: 0 };
    this.intents.set(id, intent);
    return observed(intent);
  }

  private confirm(intent: Intent, { amount, method }: ProviderRequest): CallResult {
    if (intent.status !== 'requires_confirmation' && intent.status !== 'requires_payment_method')
      return refused(intent);
    if (method === DECLINED) {
      intent.status = 'requires_payment_method';
      return { kind: 'observed', observation: { kind: 'declined', intent: observedOf(intent) } };
    }
    intent.status = 'requires_capture';
    intent.held = Math.min(intent.amount, amount);
    this.write('authorise', intent, intent.held);
    return observed(intent);
  }

  private write(kind: LedgerEntry['kind'], { id }: Intent, amount: number): void {
    this.ledger.push({ kind, intentId: id, amount });
  }

  private intentOf(id: string | null): Intent {
    const intent = this.intents.get(id ?? '');
    if (intent === undefined) throw new Error(`there is no intent ${id}`);
    return intent;
  }
}

/** The test card that every bank refuses. */
export const DECLINED = 'pm_card_chargeDeclined';

function move(intent: Intent, status: IntentStatus): CallResult {
  intent.status = status;
  intent.held = 0;
  return observed(intent);
}

const refused = ({ status }: Intent): CallResult => ({ kind: 'refused', cause: `the intent is ${status}` });

const stuck = ({ call, generation }: ProviderRequest): CallResult => ({
  kind: 'observed',
  observation: { kind: 'stuck', call, generation },
});

const observed = (intent: Intent): CallResult => ({ kind: 'observed', observation: intentObservation(intent) });

const intentObservation = (intent: Intent): Observation => ({ kind: 'intent', intent: observedOf(intent) });

const observedOf = ({ id, status, amount, held, captured }: Intent) => ({
  id,
  status,
  amount: amountOf(status, amount, held, captured),
  currency: 'EUR',
  capturedAmount: status === 'succeeded' ? captured : 0,
});

function amountOf(status: IntentStatus, amount: number, held: number, captured: number): number {
  if (status === 'requires_capture') return held;
  return status === 'succeeded' ? captured : amount;
}
