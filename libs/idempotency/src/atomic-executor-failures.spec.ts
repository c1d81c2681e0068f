import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { answered, executorOf, numbered, refused, settled, WAIT_MS } from '../test/executing.js';
import { InMemoryDeposits, StatementError, type Deposit } from '../test/in-memory-work.js';
import { OperationInProgressError, OutcomeUnknownError } from './errors.js';

describe('AtomicExecutor, when something fails:', () => {
  let deposits: InMemoryDeposits;

  beforeEach(() => {
    vi.useFakeTimers();
    deposits = new InMemoryDeposits();
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  describe('a poisoned member', () => {
    const POISON = new StatementError('terminal');
    const fail = (keys: readonly string[], poisoned: readonly string[]): void => {
      if (poisoned.some((key) => keys.includes(key))) throw POISON;
    };

    it.each(['load', 'commit'])('takes nobody with it, wherever it stands in a batch of 50 (%s)', async (statement) => {
      for (let position = 0; position < 50; position += 1) {
        deposits = new InMemoryDeposits();
        const hook = (keys: readonly string[]) => fail(keys, [`k${position}`]);
        if (statement === 'load') deposits.onLoad = hook;
        else deposits.beforeCommit = hook;
        const executor = executorOf(deposits);
        const results = await settled(numbered(50).map((deposit) => executor.submit(deposit)));
        expect(results).toEqual(
          numbered(50).map(({ amount }) => (amount === position ? refused(POISON) : answered(amount))),
        );
        // Two statements per halving: 50, 25, 13, 7, 4, 2, 1.
        expect(deposits[statement === 'load' ? 'loads' : 'commits'].length).toBeLessThanOrEqual(13);
      }
    });

    it('takes nobody with it even among others of its kind', async () => {
      deposits.beforeCommit = (keys) => fail(keys, ['k0', 'k7', 'k8', 'k49']);
      const executor = executorOf(deposits);
      const results = await settled(numbered(50).map((deposit) => executor.submit(deposit)));
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(46);
      expect(deposits.amounts.size).toBe(46);
    });

    it('takes nobody with it when finding it takes longer than waitMs', async () => {
      deposits.beforeCommit = async (keys) => {
        await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
        fail(keys, ['k0']);
      };
      // The locks of a failed statement may outlive its error by a moment.
      deposits.locked.add('k3');
      deposits.afterCommit = (keys) => {
        if (keys.includes('k3')) deposits.locked.clear();
      };
      const executor = executorOf(deposits);
      const results = await settled(numbered(4).map((deposit) => executor.submit(deposit)));
      expect(results).toEqual([refused(POISON), answered(1), answered(2), answered(3)]);
    });

    it('is loaded and decided again when its error may pass', async () => {
      deposits.beforeCommit = (keys) => {
        if (keys.includes('k1') && deposits.loads.length < 3) throw new StatementError('retryable');
      };
      const executor = executorOf(deposits);
      const results = await settled(numbered(3).map((deposit) => executor.submit(deposit)));
      expect(results).toEqual([answered(0), answered(1), answered(2)]);
      expect(deposits.loads).toEqual([['k0', 'k1', 'k2'], ['k1'], ['k1']]);
    });

    it('is told that it is in progress when its error does not pass', async () => {
      deposits.beforeCommit = () => {
        throw new StatementError('retryable');
      };
      const results = await settled([executorOf(deposits).submit({ key: 'k', amount: 1 })]);
      expect(results).toEqual([refused(expect.any(OperationInProgressError))]);
    });
  });

  describe('a lost connection', () => {
    const LOST = new StatementError('connection');

    it('splits no batch: everybody is tried again together', async () => {
      deposits.onLoad = () => {
        if (deposits.loads.length === 1) throw LOST;
      };
      const executor = executorOf(deposits);
      await settled(numbered(3).map((deposit) => executor.submit(deposit)));
      expect(deposits.loads).toEqual([
        ['k0', 'k1', 'k2'],
        ['k0', 'k1', 'k2'],
      ]);
    });

    it('before the commit took effect executes once', async () => {
      deposits.beforeCommit = () => {
        if (deposits.commits.length === 1) throw LOST;
      };
      expect(await settled([executorOf(deposits).submit({ key: 'k', amount: 1 })])).toEqual([answered(1)]);
    });

    it('after the commit took effect executes once, and finds the answer in the record', async () => {
      deposits.afterCommit = () => {
        if (deposits.commits.length === 1) throw LOST;
      };
      expect(await settled([executorOf(deposits).submit({ key: 'k', amount: 1 })])).toEqual([answered(1, true)]);
      expect(deposits.commits).toEqual([['k']]);
    });

    it('that lasts for waitMs leaves the outcome unknown', async () => {
      deposits.beforeCommit = () => {
        throw LOST;
      };
      const [result] = await settled([executorOf(deposits).submit({ key: 'k', amount: 1 })]);
      expect(result).toEqual(refused(expect.any(OutcomeUnknownError)));
      expect(result).toMatchObject({ reason: { code: 'OUTCOME_UNKNOWN', cause: LOST } });
    });

    it('that took longer than waitMs to be noticed is not tried again', async () => {
      deposits.onLoad = async () => {
        await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
        throw LOST;
      };
      expect(await settled([executorOf(deposits).submit({ key: 'k', amount: 1 })])).toEqual([
        refused(expect.any(OutcomeUnknownError)),
      ]);
      expect(deposits.loads).toHaveLength(1);
    });
  });

  describe('a mistake in the work', () => {
    const MISTAKE = new Error('mistake');
    const others = [answered(0), answered(2)];

    it.each(['subjects', 'decide'] as const)('in %s rejects its member only', async (method) => {
      const faultless = deposits[method].bind(deposits) as (...parameters: unknown[]) => never;
      vi.spyOn(deposits, method).mockImplementation((...parameters: unknown[]) => {
        if ((parameters.at(-1) as Deposit).key === 'k1') throw MISTAKE;
        return faultless(...parameters);
      });
      const executor = executorOf(deposits);
      const results = await settled(numbered(3).map((deposit) => executor.submit(deposit)));
      expect(results).toEqual([others[0], refused(MISTAKE), others[1]]);
      expect(await settled([executor.submit({ key: 'k3', amount: 3 })])).toEqual([answered(3)]);
    });

    it('that loads too few states is told, and ends nothing but its batch', async () => {
      const executor = executorOf(deposits);
      vi.spyOn(deposits, 'load').mockResolvedValueOnce([null]);
      const results = await settled(numbered(2).map((deposit) => executor.submit(deposit)));
      const told = refused(new Error('2 inputs were loaded as 1 states'));
      expect(results).toEqual([told, told]);
      expect(await settled([executor.submit({ key: 'k3', amount: 3 })])).toEqual([answered(3)]);
    });

    it('that breaks the classification of errors ends nothing but its batch', async () => {
      const executor = executorOf(deposits, {
        classify: () => {
          throw MISTAKE;
        },
      });
      vi.spyOn(deposits, 'load').mockRejectedValueOnce(new Error('any'));
      expect(await settled([executor.submit({ key: 'k0', amount: 0 })])).toEqual([refused(MISTAKE)]);
      expect(await settled([executor.submit({ key: 'k3', amount: 3 })])).toEqual([answered(3)]);
    });
  });
});
