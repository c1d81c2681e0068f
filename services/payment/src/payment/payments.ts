import { AtomicExecutor, ForeseenRows, type AtomicOptions, type StepTerms } from '@once/idempotency';
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
  private readonly rows = new ForeseenRows<Payment>(({ orderId }) => orderId);

  constructor(store: PaymentStore, terms: StepTerms, options: AtomicOptions) {
    this.executor = new AtomicExecutor(
      {
        subjects: subjectsOf,
        foresee: (input) => this.foresee(input),
        load: async (inputs) => {
          const states = await store.load(inputs);
          for (const { payment, now } of states) this.rows.loaded(payment, now);
          return states;
        },
        decide: (state, input) => decide(state, input, terms),
        commit: async (changes) => {
          const applied = await store.commit(changes);
          this.rows.committed(
            changes.map(({ payment }) => payment),
            applied,
          );
          return applied;
        },
      },
      options,
    );
  }

  submit(input: PaymentInput): Promise<PaymentAnswer> {
    return this.executor.submit(input);
  }

  /** The payment as this process saw it a moment ago, if it did. Another replica may have moved it since. */
  recall(orderId: string): Payment | undefined {
    return this.rows.recall(orderId, MOMENT_MS);
  }

  private foresee(input: PaymentInput): PaymentState | undefined {
    if (input.kind === 'review') return undefined;
    const { orderId } = input.kind === 'request' ? input.request : input;
    // Nothing is asked before the authorisation, hardly ever.
    const isFirst = input.kind === 'request' && input.request.kind === 'authorise';
    const seen = this.rows.foresee(orderId, isFirst);
    return seen && { payment: seen.row, record: null, now: seen.now };
  }
}

/** How old a payment may be that a call is made for without a look: a cancellation should not wait for its refund. */
const MOMENT_MS = 1_000;
