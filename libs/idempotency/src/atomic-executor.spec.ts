import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { answered, executorOf, numbered, refused, settled, WAIT_MS } from '../test/executing.js';
import { InMemoryDeposits, StatementError } from '../test/in-memory-work.js';
import { OperationInProgressError } from './errors.js';

describe('AtomicExecutor', () => {
  let deposits: InMemoryDeposits;

  beforeEach(() => {
    vi.useFakeTimers();
    deposits = new InMemoryDeposits();
  });
  afterEach(() => {
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  describe('batches', () => {
    it('load and commit with one statement each what was submitted in one turn', async () => {
      const executor = executorOf(deposits);
      const results = await settled(numbered(3).map((deposit) => executor.submit(deposit)));
      expect(results).toEqual([answered(0), answered(1), answered(2)]);
      expect(deposits.loads).toEqual([['k0', 'k1', 'k2']]);
      expect(deposits.commits).toEqual([['k0', 'k1', 'k2']]);
    });

    it('hold at most batchMax members, in order of arrival', async () => {
      const executor = executorOf(deposits, { batchMax: 2 });
      await settled(numbered(5).map((deposit) => executor.submit(deposit)));
      expect(deposits.commits).toEqual([['k0', 'k1'], ['k2', 'k3'], ['k4']]);
    });

    it('take together whatever arrived while a statement ran', async () => {
      const executor = executorOf(deposits);
      const later: Promise<unknown>[] = [];
      deposits.beforeCommit = (keys) => {
        if (keys.includes('k0'))
          later.push(
            ...numbered(4)
              .slice(1)
              .map((deposit) => executor.submit(deposit)),
          );
      };
      await settled([executor.submit({ key: 'k0', amount: 0 })]);
      await settled(later);
      expect(deposits.commits).toEqual([['k0'], ['k1', 'k2', 'k3']]);
    });

    describe('that are paced', () => {
      const PACE_MS = 40;
      const [small, large] = [numbered(5), numbered(6)];
      const submit = async (executor: ReturnType<typeof executorOf>, some: typeof large, name = ''): Promise<void> => {
        for (const { key, amount } of some) void executor.submit({ key: `${name}${key}`, amount });
        await vi.advanceTimersByTimeAsync(1);
      };
      const executorAfter = async (first: typeof large) => {
        const executor = executorOf(deposits, { batchMax: 10, paceMs: PACE_MS });
        await submit(executor, first);
        deposits.commits.length = 0;
        return executor;
      };

      it('begin so far apart after a large one', async () => {
        await submit(await executorAfter(large), numbered(1), 'a-');
        await vi.advanceTimersByTimeAsync(PACE_MS - 3);
        expect(deposits.commits).toEqual([]);
        await vi.advanceTimersByTimeAsync(2);
        expect(deposits.commits).toEqual([['a-k0']]);
      });

      it('begin at once after a small one', async () => {
        await submit(await executorAfter(small), numbered(1), 'a-');
        expect(deposits.commits).toEqual([['a-k0']]);
      });

      it('begin as soon as they are full', async () => {
        const executor = await executorAfter(large);
        await submit(executor, numbered(9), 'a-');
        expect(deposits.commits).toEqual([]);
        await submit(executor, numbered(1), 'b-');
        expect(deposits.commits).toHaveLength(1);
        await submit(await executorAfter(large), numbered(10), 'c-');
        expect(deposits.commits).toHaveLength(1);
      });

      it('begin at once when they have not been large for so long', async () => {
        const executor = executorOf(deposits, { paceMs: PACE_MS });
        await settled(large.map((deposit) => executor.submit(deposit)));
        await vi.advanceTimersByTimeAsync(PACE_MS);
        const [late] = numbered(7).slice(6);
        if (late !== undefined) void executor.submit(late);
        await vi.advanceTimersByTimeAsync(1);
        expect(deposits.commits).toHaveLength(2);
      });
    });

    it('hold each subject once and keep the order of its members', async () => {
      const executor = executorOf(deposits);
      const keys = ['a1', 'a2', 'b1', 'a3', 'b2'];
      await settled(keys.map((key) => executor.submit({ key, amount: 1, account: key.slice(0, 1) })));
      expect(deposits.commits).toEqual([['a1', 'b1'], ['a2', 'b2'], ['a3']]);
    });

    it('let nobody overtake a member that waits for one of its subjects', async () => {
      const executor = executorOf(deposits);
      await settled([
        executor.submit({ key: 'first', amount: 1, account: 'a' }),
        executor.submit({ key: 'b', amount: 2, account: 'a' }), // waits for account a
        executor.submit({ key: 'last', amount: 3, account: 'b' }), // shares the subject b with the one that waits
      ]);
      expect(deposits.commits).toEqual([['first'], ['b'], ['last']]);
    });

    it('commit nothing when every member is answered from what was loaded', async () => {
      deposits.amounts.set('k0', 7);
      expect(await settled([executorOf(deposits).submit({ key: 'k0', amount: 1 })])).toEqual([answered(7, true)]);
      expect(deposits.commits).toEqual([]);
    });

    it('survive more waiting members than a call may have arguments', async () => {
      const executor = executorOf(deposits, { batchMax: 100_000 });
      const same = Array.from({ length: 200_000 }, (_, index) => ({ key: `k${index % 100_000}`, amount: 1 }));
      const results = await settled(same.map((deposit) => executor.submit(deposit)));
      expect(results.every(({ status }) => status === 'fulfilled')).toBe(true);
      expect(deposits.amounts.size).toBe(100_000);
    });
  });

  describe('twins', () => {
    it('get the answer of the one that was first', async () => {
      const executor = executorOf(deposits);
      const twins = Array.from({ length: 5 }, () => executor.submit({ key: 'k', amount: 1 }));
      expect(await settled(twins)).toEqual([answered(1), ...Array.from({ length: 4 }, () => answered(1, true))]);
      expect(deposits.commits).toEqual([['k']]);
    });

    it('are set aside while the first is uncommitted elsewhere, then decided on what it left', async () => {
      deposits.locked.add('k');
      deposits.afterCommit = () => {
        if (deposits.commits.length < 3) return;
        deposits.locked.clear();
        deposits.amounts.set('k', 9);
      };
      expect(await settled([executorOf(deposits).submit({ key: 'k', amount: 1 })])).toEqual([answered(9, true)]);
      expect(deposits.commits).toHaveLength(3);
    });

    it('hold nobody up while they are set aside', async () => {
      deposits.locked.add('k0');
      const executor = executorOf(deposits);
      const slow = executor.submit({ key: 'k0', amount: 0 });
      const quick = executor.submit({ key: 'k1', amount: 1 });
      await vi.advanceTimersByTimeAsync(1);
      expect(await quick).toEqual({ amount: 1, isReplay: false });
      deposits.locked.clear();
      expect(await settled([slow])).toEqual([answered(0)]);
    });

    it('are told that the operation is in progress when they kept losing for waitMs', async () => {
      deposits.locked.add('k');
      const [result] = await settled([executorOf(deposits).submit({ key: 'k', amount: 1 })]);
      expect(result).toEqual(refused(expect.any(OperationInProgressError)));
      expect(result).toMatchObject({ reason: { code: 'OPERATION_IN_PROGRESS' } });
      expect(performance.now()).toBeGreaterThanOrEqual(WAIT_MS);
    });

    it('pause longer after each loss, up to 50 ms', async () => {
      deposits.locked.add('k');
      const pauses = vi.spyOn(globalThis, 'setTimeout');
      await settled([executorOf(deposits, { waitMs: 200 }).submit({ key: 'k', amount: 1 })]);
      expect(pauses.mock.calls.map(([, ms]) => ms)).toEqual([4, 8, 16, 32, 50, 50, 50]);
    });

    it('pause at least half as long with the least luck', async () => {
      deposits.locked.add('k');
      const pauses = vi.spyOn(globalThis, 'setTimeout');
      await settled([executorOf(deposits, { waitMs: 20, random: () => 0 }).submit({ key: 'k', amount: 1 })]);
      expect(pauses.mock.calls.map(([, ms]) => ms)).toEqual([2, 4, 8, 16]);
    });

    it('are not told so for time that they spent in the queue', async () => {
      const executor = executorOf(deposits, { batchMax: 1 });
      deposits.locked.add('k1');
      deposits.afterCommit = async (keys) => {
        if (keys.includes('k0')) await new Promise((resolve) => setTimeout(resolve, 2 * WAIT_MS));
        else deposits.locked.clear();
      };
      expect(await settled(numbered(2).map((deposit) => executor.submit(deposit)))).toEqual([answered(0), answered(1)]);
    });
  });

  describe('a state that is foreseen', () => {
    beforeEach(() => {
      deposits.foresee = ({ key }) => (key.startsWith('k') ? null : undefined);
    });

    it('is decided on without a load', async () => {
      const results = await settled(numbered(2).map((deposit) => executorOf(deposits).submit(deposit)));
      expect(results).toEqual([answered(0), answered(1)]);
      expect(deposits.loads).toEqual([]);
    });

    it('travels with members that are loaded', async () => {
      const executor = executorOf(deposits);
      await settled(['a', 'k', 'b'].map((key) => executor.submit({ key, amount: 1 })));
      expect(deposits.loads).toEqual([['a', 'b']]);
      expect(deposits.commits.map((keys) => keys.toSorted())).toEqual([['a', 'b', 'k']]);
    });

    it('takes no effect when it is wrong: the member is loaded and decided again, at once', async () => {
      deposits.amounts.set('k', 7);
      expect(await settled([executorOf(deposits).submit({ key: 'k', amount: 1 })])).toEqual([answered(7, true)]);
      expect(deposits.commits).toEqual([['k']]);
      expect(deposits.loads).toEqual([['k']]);
      expect(performance.now()).toBe(0);
    });

    it('decides nothing that would change nothing: that is loaded first', async () => {
      deposits.foresee = () => 9;
      expect(await settled([executorOf(deposits).submit({ key: 'k', amount: 1 })])).toEqual([answered(1)]);
      expect(deposits.loads).toEqual([['k']]);
    });

    it('is left alone after a lost COMMIT: what became of it is looked up', async () => {
      deposits.afterCommit = () => {
        if (deposits.commits.length === 1) throw new StatementError('connection');
      };
      expect(await settled([executorOf(deposits).submit({ key: 'k', amount: 1 })])).toEqual([answered(1, true)]);
      expect(deposits.commits).toEqual([['k']]);
    });

    it('is of no use to a decision that throws on it, and harms no neighbour', async () => {
      const { decide } = deposits;
      vi.spyOn(deposits, 'decide').mockImplementation((recorded, deposit) => {
        if (deposit.key === 'k1') throw new Error('a mistake');
        return decide(recorded, deposit);
      });
      const executor = executorOf(deposits);
      const results = await settled(numbered(2).map((deposit) => executor.submit(deposit)));
      expect(results).toEqual([answered(0), refused(new Error('a mistake'))]);
    });

    it('is committed also when the others cannot be loaded', async () => {
      deposits.onLoad = () => {
        throw new StatementError('terminal');
      };
      const executor = executorOf(deposits);
      const results = await settled(['a', 'k'].map((key) => executor.submit({ key, amount: 1 })));
      expect(results).toEqual([refused(new StatementError('terminal')), answered(1)]);
    });
  });
});
