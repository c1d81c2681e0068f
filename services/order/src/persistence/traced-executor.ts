import { AtomicExecutor, type AtomicOptions, type AtomicWork } from '@once/idempotency';
import { currentTraceparent } from '@once/service-kit';
import type { OrderChange } from './order-change.js';

/** An AtomicExecutor whose changes belong to the trace in which they were asked for, whoever they are batched with. */
export class TracedExecutor<Input, State, Answer> {
  private readonly executor: AtomicExecutor<Traced<Input>, State, OrderChange, Answer>;

  constructor(work: AtomicWork<Input, State, OrderChange, Answer>, options: AtomicOptions) {
    const traced: AtomicWork<Traced<Input>, State, OrderChange, Answer> = {
      subjects: ({ input }) => work.subjects(input),
      load: (inputs) => work.load(inputs.map(({ input }) => input)),
      decide: (state, { input, traceparent }) => {
        const decision = work.decide(state, input);
        return decision.kind === 'change' ? { ...decision, change: { ...decision.change, traceparent } } : decision;
      },
      commit: (changes) => work.commit(changes),
    };
    this.executor = new AtomicExecutor(traced, options);
  }

  submit(input: Input): Promise<Answer> {
    return this.executor.submit({ input, traceparent: currentTraceparent() });
  }
}

interface Traced<Input> {
  readonly input: Input;
  readonly traceparent: string | null;
}
