/** Everything that can be measured. A mode of Once is settings, not other code. */
import { fileURLToPath } from 'node:url';
import { WINDOWS } from '../chaos/targets/windows.mjs';
import { startOnce } from './once-system.mjs';
import { startCallsAlone, startDbos } from './peer-systems.mjs';

/** A slow mode is not to pay for asking again, on top, because its answers take longer than a saga usually waits. */
const PATIENT = { SAGA_STEP_TIMEOUT_MS: '60000' };
const ONE_BY_ONE = { BATCH_MAX: '1', ...PATIENT };
/** As often as a naive build would look, to be no slower than it must. */
const POLLED = { OUTBOX_POLL_MS: '10', ...PATIENT };

/** Batches begin as soon as the last one is committed, also under load. */
const UNPACED = { BATCH_PACE_MS: '0' };

/** The provider has never heard of the copies of an order: its books are not compared with ours within a run. */
const UNRECONCILED = { RECONCILE_EVERY_MS: '86400000' };

const UNRECORDED = fileURLToPath(new URL('../../load-tests/bench/unrecorded.mjs', import.meta.url));

export const SYSTEMS = {
  once: { title: 'Once', start: () => startOnce() },
  dbos: { title: 'DBOS Transact', start: startDbos, isPeer: true },
  calls: { title: 'the calls alone', start: startCallsAlone, isPeer: true },
  naive: { title: 'Once, naive', start: () => startOnce({ environment: { ...ONE_BY_ONE, ...POLLED } }) },
  'one-by-one': { title: 'Once, batches of one', start: () => startOnce({ environment: ONE_BY_ONE }) },
  polled: { title: 'Once, polled outbox', start: () => startOnce({ environment: POLLED }) },
  unpaced: { title: 'Once, batches not paced', start: () => startOnce({ environment: UNPACED }) },
  unrecorded: { title: 'Once without outbox and records', start: () => startOnce({ entry: UNRECORDED }) },
  young: { title: 'Once with 10⁴ orders stored', start: () => startOnce({ environment: UNRECONCILED }) },
  grown: { title: 'Once with 10⁶ orders stored', start: () => startOnce({ environment: UNRECONCILED }) },
  mortal: { title: 'Once, two replicas, short leases', start: () => startOnce({ environment: WINDOWS, replicas: 2 }) },
};

export const titlesOf = () => Object.fromEntries(Object.entries(SYSTEMS).map(([name, { title }]) => [name, title]));
