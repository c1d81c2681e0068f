import { beforeEach, describe, expect, it } from 'vitest';
import type { Lease, LeaseStore } from '../phased-executor.js';

/** A store under test, and what a test must be able to do to its records without the store. */
export interface LeaseStoreHarness {
  readonly store: LeaseStore;
  /** Adds an unfinished record whose claim, with token 1, is held for an hour. */
  claimed(key: string): Promise<Lease>;
  /** The same in another scope, which the store must leave alone. */
  claimedElsewhere(key: string): Promise<Lease>;
  /** Lets the lease of a record have expired that long ago. */
  age(key: string, expiredMsAgo: number): Promise<void>;
  /** Gives a record an outcome. */
  finish(key: string): Promise<void>;
}

const HOUR_MS = 3_600_000;

/** What PhasedExecutor relies on. Any store, ours or the reader's, must pass; `open` gives an empty one for each test. */
export function leaseStoreContract(name: string, open: () => Promise<LeaseStoreHarness>): void {
  describe(`${name}, as a lease store,`, () => {
    let records: LeaseStoreHarness;
    const takeOver = async (limit: number): Promise<readonly Lease[]> => {
      const leases = await records.store.takeOver('rescuer', HOUR_MS, limit);
      return leases.toSorted((left, right) => (left.key < right.key ? -1 : 1));
    };

    beforeEach(async () => {
      records = await open();
    });

    it('leaves live leases to their holders', async () => {
      await records.claimed('a');
      expect(await takeOver(10)).toEqual([]);
    });

    it('claims a record whose lease has expired, with a higher token', async () => {
      const lease = await records.claimed('a');
      await records.age('a', 1_000);
      expect(await takeOver(10)).toEqual([{ ...lease, token: 2 }]);
      expect(await takeOver(10)).toEqual([]);
      await records.age('a', 1_000);
      expect(await takeOver(10)).toEqual([{ ...lease, token: 3 }]);
    });

    it('never claims a finished record, nor one of another scope', async () => {
      await records.claimed('a');
      await records.finish('a');
      await records.claimedElsewhere('b');
      await records.age('b', 1_000);
      expect(await takeOver(10)).toEqual([]);
    });

    it('claims those first that were abandoned first, and no more than asked for', async () => {
      for (const key of ['a', 'b', 'c']) await records.claimed(key);
      await records.age('a', 1_000);
      await records.age('b', 3_000);
      await records.age('c', 2_000);
      expect((await takeOver(2)).map(({ key }) => key)).toEqual(['b', 'c']);
    });

    it('gives each of many records to one of several rescuers', async () => {
      const keys = Array.from({ length: 40 }, (_, index) => `k${String(index).padStart(2, '0')}`);
      for (const key of keys) {
        await records.claimed(key);
        await records.age(key, 1_000);
      }
      const claims = await Promise.all(Array.from({ length: 8 }, () => takeOver(10)));
      const rest = await takeOver(40);
      expect([...claims, rest].flatMap((leases) => leases.map(({ key }) => key)).sort()).toEqual(keys);
    });

    it('renews what is held, in any order, and says which', async () => {
      const [a, b] = [await records.claimed('a'), await records.claimed('b')];
      await records.age('a', 1_000);
      await records.age('b', 1_000);
      const renewed = await records.store.renew([b, a], HOUR_MS);
      expect(renewed.toSorted((left, right) => (left.key < right.key ? -1 : 1))).toEqual([a, b]);
      expect(await takeOver(10)).toEqual([]);
    });

    it('renews for as long as it is told', async () => {
      const lease = await records.claimed('a');
      expect(await records.store.renew([lease], 0)).toEqual([lease]);
      expect(await takeOver(10)).toEqual([{ ...lease, token: 2 }]);
    });

    it('renews nothing for a holder whose record was taken over, and keeps the lease of the new one', async () => {
      const stale = await records.claimed('a');
      await records.age('a', 1_000);
      await takeOver(1);
      expect(await records.store.renew([stale], 0)).toEqual([]);
      expect(await takeOver(10)).toEqual([]);
    });

    it('renews nothing of a finished record', async () => {
      const lease = await records.claimed('a');
      await records.finish('a');
      expect(await records.store.renew([lease], HOUR_MS)).toEqual([]);
    });

    it('gives a released record to the next rescuer, after the pause that was asked for', async () => {
      const [soon, later] = [await records.claimed('a'), await records.claimed('b')];
      await records.store.release(soon, 0);
      await records.store.release(later, HOUR_MS);
      expect(await takeOver(10)).toEqual([{ ...soon, token: 2 }]);
    });

    it('lets a stale holder release nothing', async () => {
      const stale = await records.claimed('a');
      await records.age('a', 1_000);
      await takeOver(1);
      await records.store.release(stale, 0);
      expect(await takeOver(10)).toEqual([]);
    });

    it('releases nothing of a finished record', async () => {
      const lease = await records.claimed('a');
      await records.finish('a');
      await records.store.release(lease, 0);
      expect(await takeOver(10)).toEqual([]);
    });
  });
}
