import type { AtomicWork, Decision } from '../src/index.js';

export interface Deposit {
  readonly key: string;
  readonly amount: number;
  /** What the deposit changes besides its key. */
  readonly account?: string;
}

export interface Receipt {
  readonly amount: number;
  readonly isReplay: boolean;
}

/** What the statements of a database would do, for deposits that are to count once per key. */
export class InMemoryDeposits implements AtomicWork<Deposit, number | null, Deposit, Receipt> {
  readonly amounts = new Map<string, number>();
  /** The keys of each statement, in the order in which they were sent. */
  readonly loads: string[][] = [];
  readonly commits: string[][] = [];
  /** What happens at the server while a statement runs; throws to fail it. */
  onLoad: (keys: readonly string[]) => Promise<void> | void = () => {};
  beforeCommit: (keys: readonly string[]) => Promise<void> | void = () => {};
  afterCommit: (keys: readonly string[]) => Promise<void> | void = () => {};
  /** Keys that another transaction is working on. */
  readonly locked = new Set<string>();

  /** What is guessed of a key without a load; nothing, unless a test says otherwise. */
  foresee: (deposit: Deposit) => number | null | undefined = () => undefined;

  subjects({ key, account }: Deposit): readonly string[] {
    return account === undefined ? [key] : [key, account];
  }

  async load(deposits: readonly Deposit[]): Promise<readonly (number | null)[]> {
    const keys = deposits.map(({ key }) => key);
    this.loads.push(keys);
    await this.onLoad(keys);
    return keys.map((key) => this.amounts.get(key) ?? null);
  }

  decide(recorded: number | null, deposit: Deposit): Decision<Deposit, Receipt> {
    if (recorded !== null) return { kind: 'answer', answer: { amount: recorded, isReplay: true } };
    return { kind: 'change', change: deposit, answer: { amount: deposit.amount, isReplay: false } };
  }

  async commit(deposits: readonly Deposit[]): Promise<ReadonlySet<number>> {
    const keys = deposits.map(({ key }) => key);
    this.commits.push(keys);
    await this.beforeCommit(keys);
    const applied = new Set<number>();
    for (const [index, { key, amount }] of deposits.entries()) {
      if (this.locked.has(key) || this.amounts.has(key)) continue;
      this.amounts.set(key, amount);
      applied.add(index);
    }
    await this.afterCommit(keys);
    return applied;
  }
}

export class StatementError extends Error {
  constructor(readonly kind: 'connection' | 'retryable' | 'terminal') {
    super(`a ${kind} error`);
  }
}

export function classify(error: unknown): 'connection' | 'retryable' | 'terminal' {
  return error instanceof StatementError ? error.kind : 'terminal';
}
