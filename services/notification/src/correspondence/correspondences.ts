import { AtomicExecutor, CarriedClock, RecentRows, type AtomicOptions, type StepTerms } from '@once/idempotency';
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
 * is known. But an attempt is decided on what is stored when the mail is about to leave, since it may have been voided.
 */
export class Correspondences {
  private readonly executor: AtomicExecutor<
    CorrespondenceInput,
    CorrespondenceState,
    CorrespondenceChange,
    CorrespondenceAnswer
  >;
  private readonly recent = new RecentRows<Correspondence>(RECENT_MAX);
  private readonly clock = new CarriedClock();

  constructor(store: CorrespondenceStore, terms: StepTerms, options: AtomicOptions) {
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

  submit(input: CorrespondenceInput): Promise<CorrespondenceAnswer> {
    return this.executor.submit(input);
  }

  private foresee(input: CorrespondenceInput): CorrespondenceState | undefined {
    const now = this.clock.now();
    if (now === undefined || input.kind === 'attempt') return undefined;
    if (input.kind === 'attempted') return foreseen(this.recent.recall(input.orderId), now);
    const { orderId, template } = input.request;
    const recent = this.recent.recall(orderId);
    // Nothing is written to a customer before the confirmation, hardly ever.
    return template === 'confirmed' ? foreseen(recent ?? null, now) : foreseen(recent, now);
  }

  private loaded(states: readonly CorrespondenceState[]): readonly CorrespondenceState[] {
    for (const { correspondence, now } of states) {
      if (correspondence !== null) this.recent.remember(correspondence.orderId, correspondence);
      this.clock.read(now);
    }
    return states;
  }

  private committed(changes: readonly CorrespondenceChange[], applied: ReadonlySet<number>): ReadonlySet<number> {
    for (const [index, { correspondence }] of changes.entries()) {
      if (correspondence === null || !applied.has(index)) continue;
      this.recent.remember(correspondence.orderId, { ...correspondence, version: correspondence.version + 1 });
    }
    return applied;
  }
}

function foreseen(correspondence: Correspondence | null | undefined, now: Date): CorrespondenceState | undefined {
  return correspondence === undefined ? undefined : { correspondence, record: null, unknownAttempts: 0, now };
}

/** A few kilobytes each; at a hundred orders per second, those of the last half minute. */
const RECENT_MAX = 4_000;
