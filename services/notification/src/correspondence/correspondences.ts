import { AtomicExecutor, ForeseenRows, type AtomicOptions, type StepTerms } from '@once/idempotency';
import type { CorrespondenceStore } from '../persistence/correspondence-store.js';
import type { Correspondence } from './correspondence.js';
import {
  decide,
  subjectsOf,
  type CorrespondenceAnswer,
  type CorrespondenceChange,
  type CorrespondenceInput,
  type CorrespondenceState,
} from './correspondence-work.js';

/**
 * Every way in which a correspondence changes: what sagas ask and what the mail server said, decided in sets.
 *
 * What this process has just committed it need not load to decide on it: a change to a correspondence is committed only on
 * the version that it was decided on, a record only if there is none, and an outcome belongs to its attempt whatever else
 * is known. An attempt is committed on that version too, since the mail may have been voided.
 */
export class Correspondences {
  private readonly executor: AtomicExecutor<
    CorrespondenceInput,
    CorrespondenceState,
    CorrespondenceChange,
    CorrespondenceAnswer
  >;
  private readonly rows = new ForeseenRows<Correspondence>(({ orderId }) => orderId);

  constructor(store: CorrespondenceStore, terms: StepTerms, options: AtomicOptions) {
    this.executor = new AtomicExecutor(
      {
        subjects: subjectsOf,
        foresee: (input) => this.foresee(input),
        load: async (inputs) => {
          const states = await store.load(inputs);
          for (const { correspondence, now } of states) this.rows.loaded(correspondence, now);
          return states;
        },
        decide: (state, input) => decide(state, input, terms),
        commit: async (changes) => {
          const applied = await store.commit(changes);
          this.rows.committed(
            changes.map(({ correspondence }) => correspondence),
            applied,
          );
          return applied;
        },
      },
      options,
    );
  }

  submit(input: CorrespondenceInput): Promise<CorrespondenceAnswer> {
    return this.executor.submit(input);
  }

  private foresee(input: CorrespondenceInput): CorrespondenceState | undefined {
    // Whoever tries again has to know of the earlier attempts.
    if (input.kind === 'attempt' && !input.isFirst) return undefined;
    const { orderId, template } = input.kind === 'request' ? input.request : input;
    // Nothing is written to a customer before the confirmation, hardly ever.
    const isFirst = input.kind === 'request' && template === 'confirmed';
    const seen = this.rows.foresee(orderId, isFirst);
    return seen && { correspondence: seen.row, record: null, unknownAttempts: 0, now: seen.now };
  }
}
