import type { Lease, LeaseStore } from '../src/index.js';
import type { LeaseStoreHarness } from '../src/testing/index.js';

interface LeasedRecord {
  lease: Lease;
  holder: string;
  expiresAt: number;
  isFinished: boolean;
}

/** What the table does, in memory and by the clock of the test. */
export class InMemoryLeases implements LeaseStore, LeaseStoreHarness {
  readonly store = this;
  readonly records = new Map<string, LeasedRecord>();
  /** Throw from it to take the store away; return a promise to let it hang. */
  beforeAnswer: (method: keyof LeaseStore) => Promise<void> | void = () => {};
  readonly released: { readonly key: string; readonly afterMs: number }[] = [];

  constructor(private readonly scope = 'scope') {}

  async takeOver(holder: string, leaseMs: number, limit: number): Promise<readonly Lease[]> {
    await this.beforeAnswer('takeOver');
    const expired = [...this.records.values()]
      .filter((record) => record.lease.scope === this.scope && !record.isFinished && record.expiresAt <= Date.now())
      .toSorted((left, right) => left.expiresAt - right.expiresAt);
    return expired.slice(0, limit).map((record) => {
      record.lease = { ...record.lease, token: record.lease.token + 1 };
      record.holder = holder;
      record.expiresAt = Date.now() + leaseMs;
      return record.lease;
    });
  }

  async renew(leases: readonly Lease[], leaseMs: number): Promise<readonly Lease[]> {
    await this.beforeAnswer('renew');
    return leases.filter((lease) => {
      const record = this.heldBy(lease);
      if (record !== undefined) record.expiresAt = Date.now() + leaseMs;
      return record !== undefined;
    });
  }

  async release(lease: Lease, afterMs: number): Promise<void> {
    await this.beforeAnswer('release');
    this.released.push({ key: lease.key, afterMs });
    const record = this.heldBy(lease);
    if (record !== undefined) record.expiresAt = Date.now() + afterMs;
  }

  claim(key: string, leaseMs: number, scope = this.scope, subject = `subject of ${key}`): Lease {
    const lease = { scope, key, subject, token: 1 };
    this.records.set(key, { lease, holder: 'first', expiresAt: Date.now() + leaseMs, isFinished: false });
    return lease;
  }

  claimed(key: string): Promise<Lease> {
    return Promise.resolve(this.claim(key, 3_600_000));
  }

  claimedElsewhere(key: string): Promise<Lease> {
    return Promise.resolve(this.claim(key, 3_600_000, 'elsewhere'));
  }

  async age(key: string, expiredMsAgo: number): Promise<void> {
    this.recordOf(key).expiresAt = Date.now() - expiredMsAgo;
  }

  async finish(key: string): Promise<void> {
    this.recordOf(key).isFinished = true;
  }

  recordOf(key: string): LeasedRecord {
    const record = this.records.get(key);
    if (record === undefined) throw new Error(`no record ${key}`);
    return record;
  }

  protected heldBy({ key, token }: Lease): LeasedRecord | undefined {
    const record = this.records.get(key);
    return record === undefined || record.isFinished || record.lease.token !== token ? undefined : record;
  }
}
