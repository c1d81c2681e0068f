import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { executorOf } from '../test/executing.js';
import { InMemoryDeposits, StatementError, type Deposit } from '../test/in-memory-work.js';

/** Two replicas on one database, whose statements end in the order that the scheduler picks. */
async function runInterleaved(
  scheduler: fc.Scheduler,
  deposits: InMemoryDeposits,
  submissions: readonly (Deposit & { readonly replica: 0 | 1 })[],
  outdated: readonly string[],
) {
  const pause = (label: string) => () => scheduler.schedule(Promise.resolve(), label);
  deposits.onLoad = pause('load');
  deposits.beforeCommit = pause('commit');
  // Of these keys nobody knows that they are taken, however long they are.
  deposits.foresee = ({ key }) => (outdated.includes(key) ? null : undefined);
  const replicas = [executorOf(deposits, { batchMax: 3 }), executorOf(deposits, { batchMax: 3 })] as const;
  const results = Promise.allSettled(submissions.map(({ replica, ...deposit }) => replicas[replica].submit(deposit)));
  const over = new AbortController();
  void results.then(() => over.abort());
  while (!over.signal.aborted) {
    await vi.advanceTimersByTimeAsync(1);
    if (scheduler.count() > 0) await scheduler.waitOne();
  }
  return results;
}

const submission = fc.record({
  key: fc.constantFrom('a', 'b', 'c'),
  amount: fc.integer({ min: 1, max: 9 }),
  replica: fc.constantFrom(0 as const, 1 as const),
});

const outdatedKeys = fc.subarray(['a', 'b', 'c']);

/** What becomes of each commit statement: its answer may be lost before or after it took effect. */
const fates = fc.array(fc.constantFrom('answered', 'lost-before', 'lost-after'), { maxLength: 12 });

describe('AtomicExecutor on two replicas', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('executes each key once and gives all its callers one answer, in every interleaving', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(submission, { minLength: 1, maxLength: 10 }),
        outdatedKeys,
        async (scheduler, arrivals, outdated) => {
          const deposits = new InMemoryDeposits();
          const results = await runInterleaved(scheduler, deposits, arrivals, outdated);
          const answers = results.map((result) => (result.status === 'fulfilled' ? result.value : null));
          for (const key of new Set(arrivals.map((arrival) => arrival.key))) {
            const own = answers.filter((_, index) => arrivals[index]?.key === key);
            expect(own.filter((answer) => answer?.isReplay === false)).toHaveLength(1);
            expect(new Set(own.map((answer) => answer?.amount))).toEqual(new Set([deposits.amounts.get(key)]));
          }
        },
      ),
    );
  });

  it('executes each key at most once when answers to commits are lost, and says the same to everybody', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(submission, { minLength: 1, maxLength: 8 }),
        fates,
        outdatedKeys,
        async (scheduler, arrivals, fates, outdated) => {
          const deposits = new InMemoryDeposits();
          const executions: string[] = [];
          const commit = deposits.commit.bind(deposits);
          vi.spyOn(deposits, 'commit').mockImplementation(async (changes) => {
            const fate = fates.shift() ?? 'answered';
            if (fate === 'lost-before') throw new StatementError('connection');
            const applied = await commit(changes);
            executions.push(...changes.filter((_, index) => applied.has(index)).map(({ key }) => key));
            if (fate === 'lost-after') throw new StatementError('connection');
            return applied;
          });
          const results = await runInterleaved(scheduler, deposits, arrivals, outdated);
          expect(executions.toSorted()).toEqual([...new Set(arrivals.map(({ key }) => key))].toSorted());
          expect(
            results.map((result) => (result.status === 'fulfilled' ? result.value.amount : result.reason)),
          ).toEqual(arrivals.map(({ key }) => deposits.amounts.get(key)));
        },
      ),
    );
  });
});
