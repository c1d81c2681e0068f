import { AtomicExecutor, type AtomicOptions, type StepTerms } from '@once/idempotency';
import type { CorrespondenceStore } from '../persistence/correspondence-store.js';
import {
  decide,
  subjectsOf,
  type CorrespondenceAnswer,
  type CorrespondenceChange,
  type CorrespondenceInput,
  type CorrespondenceState,
} from './correspondence-work.js';

/** Every way in which a correspondence changes: what sagas ask and what the mail server said, decided in sets. */
export class Correspondences {
  private readonly executor: AtomicExecutor<
    CorrespondenceInput,
    CorrespondenceState,
    CorrespondenceChange,
    CorrespondenceAnswer
  >;

  constructor(store: CorrespondenceStore, terms: StepTerms, options: AtomicOptions) {
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

  submit(input: CorrespondenceInput): Promise<CorrespondenceAnswer> {
    return this.executor.submit(input);
  }
}
