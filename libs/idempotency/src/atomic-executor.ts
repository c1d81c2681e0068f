import { OperationInProgressError, OutcomeUnknownError } from './errors.js';

/**
 * Executes work whose every effect is in one database: load → decide → commit.
 *
 * What waits is taken together and never waited for. A batch is loaded with one statement, each member is decided by a
 * pure function, and all changes are committed by one conditional statement in autocommit: a member whose conditions no
 * longer hold (a twin was first, a row moved on) takes no effect and is loaded and decided again.
 *
 * Survives: a crash at any line (nothing or everything of a statement is committed), concurrent twins on any number of
 * replicas (a primary key decides), a lost answer to COMMIT (the member is decided and committed again, where a first
 * success is found as the record or the moved row that it left), one bad member (after an error the batch is halved
 * until the guilty one stands alone).
 * Does not cover effects outside the database: those are phased (see PhasedExecutor).
 */
export class AtomicExecutor<Input, State, Change, Answer> {
  private readonly waiting: Member<Input, Answer>[] = [];
  private isPumping = false;

  constructor(
    private readonly work: AtomicWork<Input, State, Change, Answer>,
    private readonly options: AtomicOptions,
  ) {}

  /**
   * @throws {OperationInProgressError} when the member kept losing its race for `waitMs`.
   * @throws {OutcomeUnknownError} when the store could not be reached for `waitMs`.
   */
  submit(input: Input): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.enqueue({ input, resolve, reject, since: performance.now(), attempt: 1 });
    });
  }

  private enqueue(member: Member<Input, Answer>): void {
    this.waiting.push(member);
    if (this.isPumping) return;
    this.isPumping = true;
    // Submissions of the same turn of the event loop are to travel together, so the first pass starts after it.
    setImmediate(() => void this.pump());
  }

  private async pump(): Promise<void> {
    while (this.waiting.length > 0) await this.runBatch(this.takeBatch());
    this.isPumping = false;
  }

  /** At most `batchMax` members, in order of arrival, no two of which touch the same subject; the others wait. */
  private takeBatch(): Member<Input, Answer>[] {
    const taken = new Set<string>();
    const batch: Member<Input, Answer>[] = [];
    const left: Member<Input, Answer>[] = [];
    for (const member of this.waiting) {
      const subjects = this.work.subjects(member.input);
      const fits = batch.length < this.options.batchMax && !subjects.some((subject) => taken.has(subject));
      (fits ? batch : left).push(member);
      // Also the subjects of those left behind: a later member must not overtake an earlier one.
      for (const subject of subjects) taken.add(subject);
    }
    this.waiting.splice(0, this.waiting.length, ...left);
    return batch;
  }

  private async runBatch(batch: readonly Member<Input, Answer>[]): Promise<void> {
    let states: readonly State[];
    try {
      states = await this.work.load(batch.map((member) => member.input));
    } catch (error) {
      return this.divide(batch, error, (half) => this.runBatch(half));
    }
    const proposals: Proposal<Input, Change, Answer>[] = [];
    batch.forEach((member, index) => {
      try {
        const decision = this.work.decide(states[index] as State, member.input);
        if (decision.kind === 'answer') member.resolve(decision.answer);
        else proposals.push({ member, change: decision.change, answer: decision.answer });
      } catch (error) {
        member.reject(error);
      }
    });
    await this.commit(proposals);
  }

  private async commit(proposals: readonly Proposal<Input, Change, Answer>[]): Promise<void> {
    if (proposals.length === 0) return;
    let applied: ReadonlySet<number>;
    try {
      applied = await this.work.commit(proposals.map((proposal) => proposal.change));
    } catch (error) {
      const members = proposals.map((proposal) => proposal.member);
      return this.divide(members, error, (half) =>
        this.commit(proposals.filter((proposal) => half.includes(proposal.member))),
      );
    }
    proposals.forEach(({ member, answer }, index) => {
      if (applied.has(index)) member.resolve(answer);
      else this.setAside(member, (waitedMs) => new OperationInProgressError(waitedMs));
    });
  }

  /** Halves what failed until the guilty member stands alone; a lost connection is nobody's guilt and is tried again. */
  private async divide(
    members: readonly Member<Input, Answer>[],
    error: unknown,
    retry: (half: readonly Member<Input, Answer>[]) => Promise<void>,
  ): Promise<void> {
    const kind = this.options.classify(error);
    if (kind === 'connection') {
      for (const member of members) this.setAside(member, () => new OutcomeUnknownError(error));
      return;
    }
    if (members.length > 1) {
      const middle = Math.ceil(members.length / 2);
      await retry(members.slice(0, middle));
      await retry(members.slice(middle));
      return;
    }
    for (const member of members) {
      if (kind === 'retryable') this.setAside(member, (waitedMs) => new OperationInProgressError(waitedMs));
      else member.reject(error);
    }
  }

  private setAside(member: Member<Input, Answer>, giveUp: (waitedMs: number) => Error): void {
    const waitedMs = Math.round(performance.now() - member.since);
    if (waitedMs >= this.options.waitMs) return member.reject(giveUp(waitedMs));
    const ceilingMs = Math.min(RETRY_DELAY_MS_MAX, RETRY_DELAY_MS_MIN * 2 ** member.attempt);
    member.attempt += 1;
    setTimeout(() => this.enqueue(member), ceilingMs * (0.5 + Math.random() / 2));
  }
}

/** A twin's statement takes a few milliseconds; waiting much longer than that only adds latency. */
const RETRY_DELAY_MS_MIN = 2;
const RETRY_DELAY_MS_MAX = 50;

export interface AtomicWork<Input, State, Change, Answer> {
  /** What the input may change, by name: its key, its row. A batch holds each subject once. */
  subjects(input: Input): readonly string[];
  /** One statement that reads what `decide` needs, in the order of the inputs. */
  load(inputs: readonly Input[]): Promise<readonly State[]>;
  /** Pure: the same state and input give the same decision. */
  decide(state: State, input: Input): Decision<Change, Answer>;
  /** One statement; returns the positions of the changes whose conditions held. */
  commit(changes: readonly Change[]): Promise<ReadonlySet<number>>;
}

export type Decision<Change, Answer> =
  | { readonly kind: 'change'; readonly change: Change; readonly answer: Answer }
  | { readonly kind: 'answer'; readonly answer: Answer };

export interface AtomicOptions {
  /** Members of one batch at most. */
  readonly batchMax: number;
  /** How long a member may keep losing its race, or the store stay away, before its caller is told. */
  readonly waitMs: number;
  /**
   * `connection`: the connection broke, so the statement may have been committed; `retryable`: it was not, and loading
   * and deciding again may do; `terminal`: it will fail the same way every time.
   */
  readonly classify: (error: unknown) => 'connection' | 'retryable' | 'terminal';
}

interface Member<Input, Answer> {
  readonly input: Input;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
  readonly since: number;
  attempt: number;
}

interface Proposal<Input, Change, Answer> {
  readonly member: Member<Input, Answer>;
  readonly change: Change;
  readonly answer: Answer;
}
