import { AtomicExecutor, CarriedClock, RecentRows, type AtomicOptions, type StepTerms } from '@once/idempotency';
import type { PaymentStore } from '../persistence/payment-store.js';
import type { Payment } from './payment.js';
import {
  decide,
  subjectsOf,
  type PaymentAnswer,
  type PaymentChange,
  type PaymentInput,
  type PaymentState,
} from './payment-work.js';

/**
 * Every way in which a payment changes: what sagas ask and what the outside makes known, decided in sets.
 *
 * What this process has just committed it need not load to decide on it: an order's few steps follow each other within a
 * second. A change to a payment is committed only on the version that it was decided on, a record only if there is none.
 * An event that is no news to an older payment changes just its record, and is no news to a newer one either, since
 * observations are monotone.
 */
export class Payments {
  private readonly executor: AtomicExecutor<PaymentInput, PaymentState, PaymentChange, PaymentAnswer>;
  private readonly recent = new RecentRows<Payment>(RECENT_MAX);
  private readonly clock = new CarriedClock();

  constructor(store: PaymentStore, terms: StepTerms, options: AtomicOptions) {
    this.executor = new AtomicExecutor(
      {
        subjects: subjectsOf,
        foresee: (input) => this.foresee(input),
        load: async (inputs) => this.loaded(await store.load(inputs)),
        decide: (state, input) => decide(state, input, terms),
        commit: async (changes) => this.committed(changes, await store.commit(changes)),
      },
      options,
    );
  }

  submit(input: PaymentInput): Promise<PaymentAnswer> {
    return this.executor.submit(input);
  }

  /** The payment as this process saw it a moment ago, if it did. Another replica may have moved it since. */
  recall(orderId: string): Payment | undefined {
    return this.recent.recall(orderId, MOMENT_MS);
  }

  private foresee(input: PaymentInput): PaymentState | undefined {
    const now = this.clock.now();
    if (now === undefined || input.kind === 'review') return undefined;
    if (input.kind !== 'request') return foreseen(this.recent.recall(input.orderId), now);
    const { kind, orderId } = input.request;
    const recent = this.recent.recall(orderId);
    // Nothing is asked before the authorisation, hardly ever.
    return kind === 'authorise' ? foreseen(recent ?? null, now) : foreseen(recent, now);
  }

  private loaded(states: readonly PaymentState[]): readonly PaymentState[] {
    for (const { payment, now } of states) {
      if (payment !== null) this.recent.remember(payment.orderId, payment);
      this.clock.read(now);
    }
    return states;
  }

  private committed(changes: readonly PaymentChange[], applied: ReadonlySet<number>): ReadonlySet<number> {
    for (const [index, { payment }] of changes.entries()) {
      if (payment === null || !applied.has(index)) continue;
      this.recent.remember(payment.orderId, { ...payment, version: payment.version + 1 });
    }
    return applied;
  }
}

function foreseen(payment: Payment | null | undefined, now: Date): PaymentState | undefined {
  return payment === undefined ? undefined : { payment, record: null, now };
}

/** A few kilobytes each; at a hundred orders per second, those of the last half minute. */
const RECENT_MAX = 4_000;

/** How old a payment may be that a call is made for without a look: a cancellation should not wait for its refund. */
const MOMENT_MS = 1_000;
