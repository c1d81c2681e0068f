import { beforeEach, describe, expect, it } from 'vitest';
import { EFFECT_SCOPE, type EffectStore, type Intent } from '../effect/effect-door.js';
import type { Lease } from '../phased-executor.js';

/** A store under test, and what a test must be able to do to its records without the store. */
export interface EffectStoreHarness {
  readonly store: EffectStore;
  /** Lets the lease of an operation have expired. */
  expire(key: string): Promise<void>;
}

const HOUR_MS = 3_600_000;
const ANSWERED = { kind: 'answered', answer: { number: 1 } } as const;
const UNKNOWN = { kind: 'unknown' } as const;

const subject = 'order-1';
const leaseOf = (key: string, token = 1): Lease => ({ scope: EFFECT_SCOPE, key, subject, token });
const intentOf = (key: string, request = 'bytes'): Intent => ({
  record: {
    scope: EFFECT_SCOPE,
    key,
    subject,
    fingerprint: `v1:${request}`,
    recoveryPoint: 'intended',
    lease: { holder: 'first', leaseMs: HOUR_MS },
  },
  request,
});

/** What EffectDoor relies on. Any store, ours or the reader's, must pass; `open` gives an empty one for each test. */
export function effectStoreContract(name: string, open: () => Promise<EffectStoreHarness>): void {
  describe(`${name}, as a store of effects,`, () => {
    let effects: EffectStoreHarness;
    let store: EffectStore;
    const overtaken = async (key: string): Promise<Lease> => {
      await effects.expire(key);
      const [lease] = await store.takeOver('rescuer', HOUR_MS, 1);
      expect(lease).toEqual(leaseOf(key, 2));
      return leaseOf(key, 2);
    };

    beforeEach(async () => {
      effects = await open();
      store = effects.store;
    });

    it('writes down an operation once, and says which of many were new', async () => {
      expect(await store.intend([intentOf('a')])).toEqual(new Set([0]));
      expect(await store.intend([intentOf('a', 'other bytes'), intentOf('b')])).toEqual(new Set([1]));
      expect((await store.read(leaseOf('a'))).operation).toEqual({ key: 'a', subject, request: 'bytes' });
    });

    it('writes down an operation once however many want to at the same time', async () => {
      const intents = Array.from({ length: 20 }, (_, index) => store.intend([intentOf('a', `bytes ${index}`)]));
      // A statement that loses by the primary key fails whole; its executor decides again.
      const results = await Promise.allSettled(intents);
      expect(results.filter((result) => result.status === 'fulfilled' && result.value.size === 1)).toHaveLength(1);
    });

    it('loads the record of each key, in their order, and none where there is none', async () => {
      await store.intend([intentOf('a'), intentOf('b')]);
      const records = await store.load(['b', 'c', 'a']);
      expect(records.map((record) => record?.key ?? null)).toEqual(['b', null, 'a']);
      expect(records[0]).toMatchObject({ fingerprint: 'v1:bytes', subject, recoveryPoint: 'intended', outcome: null });
    });

    it('keeps the bytes as they are, and knows that nothing was sent', async () => {
      const request = '{"text": "é 𝄞 \\u0000", "spaces":  2}';
      await store.intend([intentOf('a', request)]);
      const operation = { key: 'a', subject, request };
      expect(await store.read(leaseOf('a'))).toEqual({ operation, sends: 0, sinceFirstSendMs: 0 });
    });

    it('counts sends, and the time since the first of them', async () => {
      await store.intend([intentOf('a')]);
      expect(await store.countSend(leaseOf('a'), 0)).toBe(true);
      const first = await store.read(leaseOf('a'));
      expect(await store.countSend(leaseOf('a'), 1)).toBe(true);
      const second = await store.read(leaseOf('a'));
      expect([first.sends, second.sends]).toEqual([1, 2]);
      expect(second.sinceFirstSendMs).toBeGreaterThanOrEqual(first.sinceFirstSendMs);
      expect(await store.load(['a'])).toMatchObject([{ recoveryPoint: 'sent' }]);
    });

    it('counts a send for one of many who have read the same number', async () => {
      await store.intend([intentOf('a')]);
      const counted = await Promise.all(Array.from({ length: 10 }, () => store.countSend(leaseOf('a'), 0)));
      expect(counted.filter(Boolean)).toHaveLength(1);
      expect((await store.read(leaseOf('a'))).sends).toBe(1);
    });

    it('counts no send of a holder whose lease was taken over, nor of a finished operation', async () => {
      await store.intend([intentOf('a')]);
      const current = await overtaken('a');
      expect(await store.countSend(leaseOf('a'), 0)).toBe(false);
      await store.complete(current, ANSWERED);
      expect(await store.countSend(current, 0)).toBe(false);
      expect((await store.read(current)).sends).toBe(0);
    });

    it('parks an operation for its holder, and leaves it to be taken over', async () => {
      await store.intend([intentOf('a')]);
      await store.park(leaseOf('a'));
      expect(await store.load(['a'])).toMatchObject([{ recoveryPoint: 'parked', outcome: null }]);
      await overtaken('a');
    });

    it('parks nothing for a holder whose lease was taken over, nor what is finished', async () => {
      await store.intend([intentOf('a')]);
      const current = await overtaken('a');
      await store.park(leaseOf('a'));
      expect(await store.load(['a'])).toMatchObject([{ recoveryPoint: 'intended' }]);
      await store.complete(current, ANSWERED);
      await store.park(current);
      expect(await store.load(['a'])).toMatchObject([{ recoveryPoint: 'finished', outcome: ANSWERED }]);
    });

    it('takes an outcome from whoever observed it, and keeps the first', async () => {
      await store.intend([intentOf('a')]);
      const current = await overtaken('a');
      await store.complete(leaseOf('a'), ANSWERED);
      await store.complete(current, UNKNOWN);
      expect(await store.load(['a'])).toMatchObject([{ recoveryPoint: 'finished', outcome: ANSWERED }]);
      await effects.expire('a');
      expect(await store.takeOver('rescuer', HOUR_MS, 1)).toEqual([]);
    });
  });
}
