import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Pool, PoolClient } from 'pg';
import { eventually } from '@once/testing';
import { AtomicExecutor, classifyPostgresError, type RequestAnswer, type SqlSession } from '../src/index.js';
import {
  commit,
  Deposits,
  depositsDatabase,
  finished,
  poolOf,
  untilSomebodyWaits,
  whileOpen,
  type Deposit,
  type DepositsDatabase,
} from './deposits-database.js';
import { PostgresProxy } from './postgres-proxy.js';

/** The part of the commit statement by which a session or a proxy recognises it. */
const COMMITS = 'insert into idempotency_record';

describe('AtomicExecutor on Postgres', () => {
  let database: DepositsDatabase;
  let proxy: PostgresProxy;
  let pools: Pool[];

  beforeAll(async () => {
    database = await depositsDatabase();
    proxy = await PostgresProxy.before(database.url);
    // Short of this, a member that waits for a lock would hold its whole batch up.
    pools = [poolOf(database.url, ['lock_timeout=2000']), poolOf(database.url), poolOf(proxy.url)];
  });
  beforeEach(async () => {
    await database.pool.query('truncate idempotency_record, deposit, account');
  });
  afterAll(async () => {
    await Promise.all(pools.map((pool) => pool.end()));
    await proxy.close();
    await database.close();
  });

  let replicas = 0;
  const executorOn = (session: SqlSession, waitMs = 30_000): ((deposit: Deposit) => Promise<RequestAnswer>) => {
    replicas += 1;
    const work = new Deposits(session, `replica-${replicas}`);
    const executor = new AtomicExecutor(work, { batchMax: 50, waitMs, classify: classifyPostgresError });
    return (deposit) => executor.submit(deposit);
  };
  const poolAt = (index: number): Pool => pools[index] ?? database.pool;
  const directly = (): Pool => poolAt(0);
  const throughProxy = (): Pool => poolAt(2);

  const bodiesOf = (answers: readonly RequestAnswer[]): ReadonlySet<string> =>
    new Set(answers.map((answer) => (answer.kind === 'response' ? JSON.stringify(answer.response) : answer.kind)));
  const executionsAmong = (answers: readonly RequestAnswer[]): number =>
    answers.filter((answer) => answer.kind === 'response' && !answer.isReplay).length;
  const recordCount = async (): Promise<number> => {
    const { rows } = await database.pool.query<{ count: number }>('select count(*)::int from idempotency_record');
    return rows[0]?.count ?? -1;
  };

  it('executes one of 100 simultaneous twins on two pools and gives all of them its answer', async () => {
    for (let round = 0; round < 5; round += 1) {
      const key = `twin${round}`;
      const submits = Array.from({ length: 10 }, (_, index) => executorOn(poolAt(index % 2)));
      const twins = Array.from({ length: 100 }, (_, index) => submits[index % 10]?.({ key, amount: 5 }));
      const answers = await Promise.all(twins.filter((twin) => twin !== undefined));
      expect(answers).toHaveLength(100);
      expect(bodiesOf(answers).size).toBe(1);
      expect(executionsAmong(answers)).toBe(1);
      expect(await database.depositsOf(key)).toBe(1);
    }
    expect(await recordCount()).toBe(5);
  });

  it('executes each of many keys once when their twins meet in batches of two replicas', async () => {
    const submits = [executorOn(poolAt(0)), executorOn(poolAt(1))];
    const keys = Array.from({ length: 60 }, (_, index) => `k${index}`);
    const arrivals = submits.flatMap((submit, replica) =>
      (replica === 0 ? keys : keys.toReversed()).map(async (key) => ({
        key,
        answer: await submit({ key, amount: 1 }),
      })),
    );
    const answered = await Promise.all(arrivals);
    for (const key of keys) {
      const answers = answered.filter((one) => one.key === key).map(({ answer }) => answer);
      expect(bodiesOf(answers).size).toBe(1);
      expect(executionsAmong(answers)).toBe(1);
      expect(await database.depositsOf(key)).toBe(1);
    }
  });

  it('sends one statement to load and one to commit, however many members wait', async () => {
    const statements: string[] = [];
    const counting: SqlSession = {
      query: (text, values) => {
        statements.push(text);
        return directly().query(text, values);
      },
    };
    const submit = executorOn(counting);
    await Promise.all(Array.from({ length: 50 }, (_, index) => submit({ key: `k${index}`, amount: 1 })));
    expect(statements).toHaveLength(2);
    await Promise.all(Array.from({ length: 50 }, (_, index) => submit({ key: `k${index}`, amount: 1 })));
    expect(statements, 'replays have nothing to commit').toHaveLength(3);
  });

  it('tells that the operation is in progress when its twin stays uncommitted, and holds nobody else up', async () => {
    const submit = executorOn(directly(), 200);
    await whileOpen(
      database.pool,
      (other) => commit(other, { amount: 5, records: [finished('a')] }),
      async () => {
        const results = [submit({ key: 'a', amount: 5 }), submit({ key: 'b', amount: 5 })];
        expect(await Promise.allSettled(results)).toMatchObject([
          { reason: { code: 'OPERATION_IN_PROGRESS' } },
          { value: { kind: 'response', isReplay: false } },
        ]);
      },
    );
    expect(await submit({ key: 'a', amount: 5 })).toMatchObject({ kind: 'response', isReplay: false });
  });

  it('waits for its uncommitted twin and answers with what that one committed', async () => {
    const response = { status: 201, headers: {}, body: 'the first' };
    const record = finished('a', { fingerprint: 'v1:5', outcome: response });
    await whileOpen(
      database.pool,
      (other) => commit(other, { amount: 5, records: [record] }),
      async (other) => {
        const twin = executorOn(directly())({ key: 'a', amount: 5 });
        await other.query('commit');
        expect(await twin).toEqual({ kind: 'response', response, isReplay: true });
      },
    );
  });

  it('refuses a body that was switched while the first one was in flight', async () => {
    const submit = executorOn(directly());
    const answers = await Promise.all([submit({ key: 'a', amount: 5 }), submit({ key: 'a', amount: 6 })]);
    expect(answers).toMatchObject([{ kind: 'response' }, { kind: 'mismatched', isFinished: true }]);
    expect(await database.depositsOf('a')).toBe(1);
  });

  it('repeats any text of a body as it was, whatever jsonb makes of it', async () => {
    const submit = executorOn(directly());
    const deposit = { key: 'a', amount: 5, note: 'NUL \u0000, half a pair \ud800, "quotes", é, \u2028, 𝄞' };
    const [first, second] = [await submit(deposit), await submit(deposit)];
    expect(first).toMatchObject({ isReplay: false });
    expect(second).toEqual({ ...first, isReplay: true });
  });

  it.each([
    ['a value of the wrong type', { amount: 1.5 }],
    ['a value that a constraint refuses', { amount: 1_000_000 }],
  ])('commits the rest of a batch of 50 when one member has %s', async (_what, poison) => {
    for (const position of [0, 24, 49]) {
      await database.pool.query('truncate idempotency_record, deposit');
      const submit = executorOn(directly(), 100);
      const results = await Promise.allSettled(
        Array.from({ length: 50 }, (_, index) =>
          submit({ key: `k${index}`, amount: 1, ...(index === position ? poison : {}) }),
        ),
      );
      expect(results.map(({ status }) => status).indexOf('rejected')).toBe(position);
      expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(1);
      expect(await recordCount()).toBe(49);
    }
  });

  describe('when the connection breaks at a commit', () => {
    /** The commit of a deposit to this account then waits at the server until the work ends the transaction. */
    const whileAccountIsLocked = async (work: (other: PoolClient) => Promise<void>): Promise<void> => {
      await database.pool.query(`insert into account values ('demo', 0)`);
      await whileOpen(database.pool, (other) => other.query('select from account for update'), work);
    };

    it('executes once although the answer is lost after the commit, and finds it', async () => {
      const lost = proxy.lose('answer', COMMITS);
      const answer = await executorOn(throughProxy())({ key: 'a', amount: 5 });
      await lost;
      expect(answer).toMatchObject({ kind: 'response', isReplay: true });
      expect(await database.depositsOf('a')).toBe(1);
    });

    it('executes once although the statement is lost before the commit', async () => {
      const lost = proxy.lose('request', COMMITS);
      const answer = await executorOn(throughProxy())({ key: 'a', amount: 5 });
      await lost;
      expect(answer).toMatchObject({ kind: 'response', isReplay: false });
      expect(await database.depositsOf('a')).toBe(1);
    });

    it('executes once although the lost statement is still at work at the server, and commits later', async () => {
      await whileAccountIsLocked(async (other) => {
        const lost = proxy.lose('connection', COMMITS, () => untilSomebodyWaits(database.pool));
        const answer = executorOn(throughProxy())({ key: 'a', amount: 5, account: 'demo' });
        await lost;
        await other.query('commit');
        expect(await answer).toMatchObject({ kind: 'response', isReplay: true });
      });
      expect(await database.depositsOf('a')).toBe(1);
      expect((await database.pool.query('select balance from account')).rows).toEqual([{ balance: 5 }]);
    });

    it('executes once when the server ends the session', async () => {
      await whileAccountIsLocked(async (other) => {
        const answer = executorOn(poolAt(1))({ key: 'a', amount: 5, account: 'demo' });
        await untilSomebodyWaits(database.pool);
        await database.pool.query(
          `select pg_terminate_backend(pid) from pg_stat_activity
            where datname = current_database() and wait_event_type = 'Lock'`,
        );
        await other.query('commit');
        expect(await answer).toMatchObject({ kind: 'response', isReplay: false });
      });
      expect(await database.depositsOf('a')).toBe(1);
    });

    it('says that the outcome is unknown when the database stays away, and executes once after all', async () => {
      const submit = executorOn(throughProxy(), 100);
      const breaking = { on: true };
      const keepBreaking = (async () => {
        while (breaking.on) await proxy.lose('request', 'idempotency_record');
      })();
      await expect(submit({ key: 'a', amount: 5 })).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' });
      breaking.on = false;
      await eventually(async () => expect(await submit({ key: 'a', amount: 5 })).toMatchObject({ isReplay: false }));
      await keepBreaking;
      expect(await database.depositsOf('a')).toBe(1);
    });
  });
});
