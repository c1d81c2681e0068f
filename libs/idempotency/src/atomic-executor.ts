import { OperationInProgressError, OutcomeUnknownError } from './errors.js';

/**
 * Executes work whose every effect is in one database: load → decide → commit.
 *
 * What waits is taken together. A batch is loaded with one statement, each member is decided by a pure function, and all
 * changes are committed by one conditional statement in autocommit: a member whose conditions no longer hold (a twin was
 * first, a row moved on) takes no effect and is loaded and decided again.
 *
 * A small batch is never waited for. After one of `PACED_FROM` members, which it takes hundreds of submissions per second
 * to fill, the next one begins `paceMs` later than it did, or as soon as it is full: fewer and larger batches under load, as
 * a network card moderates its interrupts.
 *
 * A member whose state the work foresees is decided on that first, without a load; a batch of which all are needs none. It
 * is as safe, since the time between load and commit was never guarded by anything but the conditions of the commit:
 * a foreseen state only makes that time longer, and a wrong one costs a statement in which the member takes no effect. A
 * decision to change nothing has no conditions, so it is made on a loaded state only.
 *
 * Survives: a crash at any line (nothing or everything of a statement is committed), concurrent twins on any number of
 * replicas (a primary key decides), a lost answer to COMMIT (the member is decided and committed again, where a first
 * success is found as the record or the moved row that it left), one bad member (after an error the batch is halved
 * until the guilty one stands alone).
 * Keeps the order of members with a common subject, except that one which lost its race loses its place too.
 * Does not cover effects outside the database: those are phased (see PhasedExecutor).
 */
export class AtomicExecutor<Input, State, Change, Answer> {
  private waiting: Member<Input, Answer>[] = [];
  private isPumping = false;
  private lastBatch = { size: 0, beganAt: -Infinity };
  /** Ends the pause before the next batch. */
  private resume: (() => void) | null = null;

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
      const subjects = this.work.subjects(input);
      const member = { input, subjects, resolve, reject, isForeseen: false, startedAt: null, racingSince: null };
      this.enqueue({ ...member, attempt: 1 });
    });
  }

  private enqueue(member: Member<Input, Answer>): void {
    this.waiting.push(member);
    if (this.waiting.length >= this.options.batchMax) this.resume?.();
    if (this.isPumping) return;
    this.isPumping = true;
    // Submissions of the same turn of the event loop are to travel together, so the first pass starts after it.
    setImmediate(() => void this.pump());
  }

  private async pump(): Promise<void> {
    while (this.waiting.length > 0) {
      await this.pace();
      const batch = this.takeBatch();
      this.lastBatch = { size: batch.length, beganAt: performance.now() };
      this.options.onBatch?.(batch.length);
      try {
        await this.runBatch(batch);
      } catch (error) {
        // A mistake in the work or its options. It must not end this loop, on which all later members depend.
        for (const member of batch) member.reject(error);
      }
    }
    this.isPumping = false;
  }

  private async pace(): Promise<void> {
    const { paceMs = 0, batchMax } = this.options;
    const leftMs = this.lastBatch.beganAt + paceMs - performance.now();
    if (this.lastBatch.size < PACED_FROM || this.waiting.length >= batchMax || leftMs <= 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, leftMs);
      this.resume = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.resume = null;
  }

  /** At most `batchMax` members, in order of arrival, no two of which touch the same subject; the others wait. */
  private takeBatch(): readonly Member<Input, Answer>[] {
    const taken = new Set<string>();
    const batch: Member<Input, Answer>[] = [];
    const left: Member<Input, Answer>[] = [];
    let seen = 0;
    for (const member of this.waiting) {
      if (batch.length === this.options.batchMax) break;
      seen += 1;
      const fits = !member.subjects.some((subject) => taken.has(subject));
      (fits ? batch : left).push(member);
      // Also the subjects of those left behind: a later member must not overtake an earlier one.
      for (const subject of member.subjects) taken.add(subject);
    }
    this.waiting = [...left, ...this.waiting.slice(seen)];
    const now = performance.now();
    for (const member of batch) member.startedAt ??= now;
    return batch;
  }

  private async runBatch(batch: readonly Member<Input, Answer>[]): Promise<void> {
    const proposals: Proposal<Input, Change, Answer>[] = [];
    const unforeseen: Member<Input, Answer>[] = [];
    for (const member of batch) {
      const proposal = this.foresee(member);
      if (proposal === null) unforeseen.push(member);
      else proposals.push(proposal);
    }
    proposals.push(...(await this.loadAndDecide(unforeseen)));
    await this.commit(proposals);
  }

  /** Once per member: what was foreseen wrongly is loaded. Null: it has to be loaded. */
  private foresee(member: Member<Input, Answer>): Proposal<Input, Change, Answer> | null {
    if (member.isForeseen) return null;
    try {
      const state = this.work.foresee?.(member.input);
      const decision = state === undefined ? null : this.work.decide(state, member.input);
      if (decision === null || decision.kind !== 'change') return null;
      member.isForeseen = true;
      return { member, change: decision.change, answer: decision.answer, isForeseen: true };
    } catch {
      return null; // a mistake that shows again on what is loaded is told then
    }
  }

  private async loadAndDecide(
    members: readonly Member<Input, Answer>[],
  ): Promise<readonly Proposal<Input, Change, Answer>[]> {
    if (members.length === 0) return [];
    let states: readonly State[];
    try {
      states = await this.work.load(members.map((member) => member.input));
    } catch (error) {
      await this.divide(
        members,
        (member) => member,
        error,
        async (half) => this.commit(await this.loadAndDecide(half)),
      );
      return [];
    }
    if (states.length !== members.length)
      throw new Error(`${members.length} inputs were loaded as ${states.length} states`);
    return states.flatMap((state, index) => this.decide(state, members[index]) ?? []);
  }

  private decide(state: State, member: Member<Input, Answer> | undefined): Proposal<Input, Change, Answer> | null {
    if (member === undefined) return null;
    try {
      const decision = this.work.decide(state, member.input);
      if (decision.kind === 'change')
        return { member, change: decision.change, answer: decision.answer, isForeseen: false };
      member.resolve(decision.answer);
    } catch (error) {
      member.reject(error);
    }
    return null;
  }

  private async commit(proposals: readonly Proposal<Input, Change, Answer>[]): Promise<void> {
    if (proposals.length === 0) return;
    let applied: ReadonlySet<number>;
    try {
      applied = await this.work.commit(proposals.map((proposal) => proposal.change));
    } catch (error) {
      return this.divide(
        proposals,
        ({ member }) => member,
        error,
        (half) => this.commit(half),
      );
    }
    for (const [index, { member, answer, isForeseen }] of proposals.entries()) {
      if (applied.has(index)) member.resolve(answer);
      // No race was lost: what was foreseen is not so.
      else if (isForeseen) this.enqueue(member);
      else this.raceAgain(member);
    }
  }

  /** Halves what failed until the guilty member stands alone; a lost connection is nobody's guilt and is tried again. */
  private async divide<Part>(
    parts: readonly Part[],
    memberOf: (part: Part) => Member<Input, Answer>,
    error: unknown,
    retry: (half: readonly Part[]) => Promise<void>,
  ): Promise<void> {
    const kind = this.options.classify(error);
    if (kind === 'connection') {
      for (const member of parts.map(memberOf)) {
        this.setAside(member, member.startedAt, () => new OutcomeUnknownError(error));
      }
      return;
    }
    if (parts.length > 1) {
      const middle = Math.ceil(parts.length / 2);
      await retry(parts.slice(0, middle));
      await retry(parts.slice(middle));
      return;
    }
    for (const member of parts.map(memberOf)) {
      if (kind === 'retryable') this.raceAgain(member);
      else member.reject(error);
    }
  }

  private raceAgain(member: Member<Input, Answer>): void {
    member.racingSince ??= performance.now();
    this.setAside(member, member.racingSince, (waitedMs) => new OperationInProgressError(waitedMs));
  }

  private setAside(member: Member<Input, Answer>, since: number | null, giveUp: (waitedMs: number) => Error): void {
    const waitedMs = since === null ? 0 : Math.round(performance.now() - since);
    if (waitedMs >= this.options.waitMs) return member.reject(giveUp(waitedMs));
    const ceilingMs = Math.min(RETRY_DELAY_MS_MAX, RETRY_DELAY_MS_MIN * 2 ** member.attempt);
    member.attempt += 1;
    const random = this.options.random ?? Math.random;
    setTimeout(() => this.enqueue(member), ceilingMs * (0.5 + random() / 2));
  }
}

/** Members of a batch from which on the next one is paced: one order alone never has as many in a batch. */
const PACED_FROM = 6;

/** A twin's statement takes a few milliseconds; waiting much longer than that only adds latency. */
const RETRY_DELAY_MS_MIN = 2;
const RETRY_DELAY_MS_MAX = 50;

export interface AtomicWork<Input, State, Change, Answer> {
  /** What the input may change, by name: its key, its row. A batch holds each subject once. */
  subjects(input: Input): readonly string[];
  /**
   * What `load` would most likely find, if this process has a good guess: what it committed a moment ago, or that there is
   * nothing yet. The change decided on it must be conditional on what it rests on, or right on every later state as well.
   */
  foresee?(input: Input): State | undefined;
  /** One statement that reads what `decide` needs: one state for each input, in their order. */
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
  /** How far apart batches begin under load, in ms. Standard: 0, as soon as the last one is committed. */
  readonly paceMs?: number;
  /**
   * How long a member may keep losing its race, counted from the first time it lost, or the store stay away, counted
   * from the member's first load, before its caller is told. Time in the queue, or in a batch that is halved for somebody
   * else's sake, says nothing about either.
   */
  readonly waitMs: number;
  /**
   * `connection`: the connection broke, so the statement may have been committed; `retryable`: it was not, and loading
   * and deciding again may do; `terminal`: it will fail the same way every time.
   */
  readonly classify: (error: unknown) => 'connection' | 'retryable' | 'terminal';
  /** Is told how many members are decided together, for metrics. */
  readonly onBatch?: (size: number) => void;
  /** Where in its range a pause falls, from 0 to 1. Standard: Math.random. */
  readonly random?: () => number;
}

interface Member<Input, Answer> {
  readonly input: Input;
  readonly subjects: readonly string[];
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
  /** It was decided once on a state that was not loaded. */
  isForeseen: boolean;
  /** When it was first taken into a batch. */
  startedAt: number | null;
  /** When it first lost a race. */
  racingSince: number | null;
  attempt: number;
}

interface Proposal<Input, Change, Answer> {
  readonly member: Member<Input, Answer>;
  readonly change: Change;
  readonly answer: Answer;
  /** It was decided on a state that was not loaded. */
  readonly isForeseen: boolean;
}
