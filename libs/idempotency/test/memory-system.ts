import { AtomicExecutor, readStoredResponse, type IdempotencyRecord, type RequestAnswer } from '../src/index.js';
import type { Deposit, Member } from './deposits-database.js';
import type { Crash, System } from './deposits-model.js';
import { classify } from './in-memory-work.js';
import { MemoryDeposits, MemoryTables } from './memory-deposits.js';

const HOUR_MS = 3_600_000;

/** In memory, where a crash is a replica that stays silent: as many histories as one likes, in seconds. */
export class MemorySystem implements System {
  private readonly tables = new MemoryTables();
  private replicas: readonly Replica[] = [];
  private started = 0;

  async restart(): Promise<void> {
    this.replicas = [this.startReplica(), this.startReplica()];
  }

  submit(replica: number, key: string, amount: number): Promise<RequestAnswer> {
    const { executor } = this.replicas[replica] ?? this.startReplica();
    return executor.submit({ key, amount });
  }

  async submitAndCrash(key: string, amount: number, how: Crash): Promise<RequestAnswer | null> {
    const { work, executor } = this.startReplica();
    const silence = work.crashAtCommit(how).then(() => null);
    return Promise.race([executor.submit({ key, amount }), silence]);
  }

  async bodyOf(key: string): Promise<string | null> {
    const outcome = this.tables.find(key)?.outcome ?? null;
    return outcome === null ? null : readStoredResponse(outcome).body;
  }

  async depositsOf(key: string): Promise<number> {
    return this.tables.depositsOf(key);
  }

  async age(hours: number): Promise<void> {
    this.tables.age(hours * HOUR_MS);
  }

  async reap(): Promise<void> {
    this.tables.reap();
  }

  private startReplica(): Replica {
    this.started += 1;
    const work = new MemoryDeposits(this.tables, `replica-${this.started}`);
    return { work, executor: new AtomicExecutor(work, { batchMax: 50, waitMs: 5_000, classify }) };
  }
}

interface Replica {
  readonly work: MemoryDeposits;
  readonly executor: AtomicExecutor<Deposit, IdempotencyRecord | null, Member, RequestAnswer>;
}
