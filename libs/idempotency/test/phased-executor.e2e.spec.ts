import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { eventually } from '@once/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { INTENDED, PhasedExecutor, PostgresLeaseStore, STEP_SCOPE, type Lease, type NewRecord } from '../src/index.js';
import { commit, depositsDatabase, findRecord, type DepositsDatabase } from './deposits-database.js';

const LEASE_MS = 1_000;
const lease: Lease = { scope: STEP_SCOPE, key: 'capture', subject: 'order-1', token: 1 };

/** A holder is a process of its own, run from `dist`. */
describe('phased work whose holder', () => {
  let database: DepositsDatabase;
  let holder: ChildProcess;
  let rescuer: PhasedExecutor;

  beforeAll(async () => {
    database = await depositsDatabase();
  });
  beforeEach(async () => {
    await database.pool.query('truncate idempotency_record');
    const { scope, key, subject } = lease;
    const claim: NewRecord = {
      scope,
      key,
      subject,
      fingerprint: 'v1:a',
      recoveryPoint: INTENDED,
      lease: { holder: 'holder', leaseMs: LEASE_MS },
    };
    holder = fork(fileURLToPath(new URL('holder.mjs', import.meta.url)), [database.url, 'holder', String(LEASE_MS)]);
    await once(holder, 'message');
    await commit(database.pool, { records: [claim] });
    holder.send({ begin: lease });
    expect(await once(holder, 'message')).toContainEqual({ performing: 1 });

    rescuer = new PhasedExecutor(new PostgresLeaseStore(database.pool, STEP_SCOPE), perform, {
      holder: 'rescuer',
      leaseMs: LEASE_MS,
      concurrencyMax: 1,
      backoffMsMax: LEASE_MS,
      onError: () => {},
    });
  });
  afterEach(async () => {
    holder.kill('SIGKILL');
    await rescuer.stop();
  });
  afterAll(async () => {
    await database.close();
  });

  const perform = async ({ scope, key }: Lease): Promise<'finished'> => {
    await commit(database.pool, { completions: [{ scope, key, outcome: { by: 'rescuer' } }] });
    return 'finished';
  };
  const record = () => findRecord(database.pool, STEP_SCOPE, lease.key);
  const rescued = (): Promise<void> =>
    eventually(async () => {
      await rescuer.runOnce();
      expect(await record()).toMatchObject({ leaseToken: 2, outcome: { by: 'rescuer' } });
    });

  it('lives is left to it for longer than its lease', async () => {
    const startedAt = performance.now();
    while (performance.now() - startedAt < 2 * LEASE_MS) expect(await rescuer.runOnce()).toEqual({ takenOver: 0 });
    holder.send('answer');
    expect(await once(holder, 'message')).toContainEqual(expect.objectContaining({ ended: 'finished' }));
    expect(await record()).toMatchObject({ leaseToken: 1, outcome: { by: 'holder' } });
  });

  it('is killed is finished by a rescuer once the lease has expired', async () => {
    holder.kill('SIGKILL');
    expect(await rescuer.runOnce()).toEqual({ takenOver: 0 });
    await rescued();
  });

  it('stood still beyond its lease is finished by a rescuer, and changes nothing when it wakes up', async () => {
    holder.kill('SIGSTOP');
    await rescued();
    holder.send('answer');
    holder.kill('SIGCONT');
    expect(await once(holder, 'message')).toContainEqual({ ended: 'finished', wasAborted: true });
    expect(await record()).toMatchObject({ leaseToken: 2, outcome: { by: 'rescuer' } });
  });
});
