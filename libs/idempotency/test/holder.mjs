/**
 * A process that holds a lease and works on it, for tests that kill or stop it. Told what to do, and telling what happens,
 * by messages: { begin: lease } → { performing: token }; 'answer' → the outside has answered, the outcome is committed →
 * { ended: 'finished' | 'unfinished', wasAborted }.
 */
import pg from 'pg';
import { completeRecords, PhasedExecutor, PostgresLeaseStore } from '@once/idempotency';

const [url, holder, leaseMs] = process.argv.slice(2);
const pool = new pg.Pool({ connectionString: url });
pool.on('error', () => {});

const perform = async (lease, signal) => {
  process.send({ performing: lease.token });
  await new Promise((resolve) => process.once('message', resolve));
  const completions = [{ scope: lease.scope, key: lease.key, outcome: { by: holder } }];
  const member = JSON.stringify([{ completions }]);
  await pool.query(
    `with member as (select * from jsonb_to_recordset($1::jsonb) as m(completions jsonb)) ${completeRecords('member')}`,
    [member],
  );
  // An abort that came while the process stood still is seen when its timers have run.
  await new Promise((resolve) => setTimeout(resolve, 50));
  process.send({ ended: 'finished', wasAborted: signal.aborted });
  return 'finished';
};

const executor = new PhasedExecutor(new PostgresLeaseStore(pool, 'step'), perform, {
  holder,
  leaseMs: Number(leaseMs),
  concurrencyMax: 1,
  backoffMsMax: 1_000,
  onError: (error) => process.send({ error: String(error) }),
});
process.once('message', ({ begin }) => executor.begin(begin));
process.send('ready');
