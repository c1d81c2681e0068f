import { AtomicExecutor, type AtomicOptions, type AtomicWork } from '@once/idempotency';
import { traceOf, type Traced } from '@once/service-kit';
import type { OrderChange } from './order-change.js';

/** An AtomicExecutor whose changes belong to the trace in which they were asked for, whoever they are batched with. */
export class TracedExecutor<Input, State, Answer> extends AtomicExecutor<Input & Traced, State, OrderChange, Answer> {
  constructor(work: AtomicWork<Input, State, OrderChange, Answer>, options: AtomicOptions) {
    super(
      {
        ...work,
        decide: (state, input) => {
          const decision = work.decide(state, input);
          return decision.kind === 'change'
            ? { ...decision, change: { ...decision.change, ...traceOf(input) } }
            : decision;
        },
      },
      options,
    );
  }
}
