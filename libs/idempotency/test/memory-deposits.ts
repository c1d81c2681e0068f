import type { IdempotencyRecord, NewRecord } from '../src/index.js';
import { Deposits, type Deposit, type Member } from './deposits-database.js';
import type { Crash } from './deposits-model.js';
import { StatementError } from './in-memory-work.js';
import { finishedRecord } from './records.js';

/** The tables of a database, its clock, and what one statement does to them. */
export class MemoryTables {
  private readonly deposits: string[] = [];
  private records: { readonly record: NewRecord; readonly createdAt: number }[] = [];
  private nowMs = 0;

  find(key: string): IdempotencyRecord | null {
    const row = this.records.find(({ record }) => record.key === key);
    if (row === undefined) return null;
    const { lease: _, retentionMs: __, ...record } = row.record;
    return finishedRecord({ ...record, ageMs: this.nowMs - row.createdAt });
  }

  /** Wholly or not at all, and each member only if its record is absent. */
  commit(members: readonly Member[]): ReadonlySet<number> {
    if (members.some(({ amount }) => !Number.isInteger(amount))) throw new StatementError('terminal');
    const applied = new Set<number>();
    for (const [index, { records = [] }] of members.entries()) {
      if (records.some(({ key }) => this.find(key) !== null)) continue;
      this.records.push(...records.map((record) => ({ record, createdAt: this.nowMs })));
      this.deposits.push(...records.map(({ key }) => key));
      applied.add(index);
    }
    return applied;
  }

  depositsOf(key: string): number {
    return this.deposits.filter((deposited) => deposited === key).length;
  }

  age(ms: number): void {
    this.nowMs += ms;
  }

  reap(): void {
    const isKept = ({ record, createdAt }: (typeof this.records)[number]): boolean =>
      this.nowMs - createdAt <= (record.retentionMs ?? Number.POSITIVE_INFINITY);
    this.records = this.records.filter(isKept);
  }
}

/** Deposits whose statements reach tables in memory, each in a turn of the event loop of its own. */
export class MemoryDeposits extends Deposits {
  private crash: { readonly how: Crash; readonly onCrash: () => void } | null = null;

  constructor(
    private readonly tables: MemoryTables,
    replica: string,
  ) {
    super({ query: () => Promise.reject(new Error('there is no SQL here')) }, replica);
  }

  /** Ends this replica at its next commit, whose answer nobody hears. `ended`: the commit is lost; `deserted`: it is done. */
  crashAtCommit(how: Crash): Promise<void> {
    return new Promise((resolve) => {
      this.crash = { how, onCrash: resolve };
    });
  }

  override async load(deposits: readonly Deposit[]): Promise<readonly (IdempotencyRecord | null)[]> {
    await nextTurn();
    return deposits.map(({ key }) => this.tables.find(key));
  }

  override async commit(members: readonly Member[]): Promise<ReadonlySet<number>> {
    await nextTurn();
    const applied = this.crash?.how === 'ended' ? new Set<number>() : this.tables.commit(members);
    if (this.crash === null) return applied;
    this.crash.onCrash();
    return new Promise(() => {});
  }
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
