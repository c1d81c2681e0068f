import { AtomicExecutor, type AtomicOptions, type StepTerms } from '@once/idempotency';
import type { PaymentStore } from '../persistence/payment-store.js';
import {
  decide,
  subjectsOf,
  type PaymentAnswer,
  type PaymentChange,
  type PaymentInput,
  type PaymentState,
} from './payment-work.js';

/** Every way in which a payment changes: what sagas ask and what the outside makes known, decided in sets. */
export class Payments {
  private readonly executor: AtomicExecutor<PaymentInput, PaymentState, PaymentChange, PaymentAnswer>;

  constructor(store: PaymentStore, terms: StepTerms, options: AtomicOptions) {
    this.executor = new AtomicExecutor(
      {
        subjects: subjectsOf,
        load: (inputs) => store.load(inputs),
        decide: (state, input) => decide(state, input, terms),
        commit: (changes) => store.commit(changes),
      },
      options,
    );
  }

  submit(input: PaymentInput): Promise<PaymentAnswer> {
    return this.executor.submit(input);
  }
}
