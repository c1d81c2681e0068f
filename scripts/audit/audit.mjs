/**
 * The audit's course: wait until the system is at rest, copy what every source has into one scratch, let the invariants find what
 * breaks them, and say with whom and how.
 *
 * Every source is read completely or the audit is invalid: a promise that was judged on half of the records was not judged.
 */
import { judge, loadInvariants } from './invariants.mjs';
import { describeWork, waitForRest } from './rest.mjs';
import { Scratch } from './scratch.mjs';
import { Broker } from './sources/broker.mjs';
import { connect } from './sources/postgres-client.mjs';
import { RequestLog } from './sources/request-log.mjs';
import { Sandbox } from './sources/sandbox.mjs';
import { ServiceDatabase } from './sources/service-database.mjs';
import { countEverything, findParked, findTimelines } from './summary.mjs';
import { UnjudgeableError } from './unjudgeable.mjs';

/** Resolves with what was found; throws UnjudgeableError where that says nothing about the promise. */
export const audit = async (settings, report) => {
  const opened = [];
  const open = async (opening) => {
    const source = await opening;
    opened.push(() => source.close?.() ?? source.end());
    return source;
  };
  try {
    const services = [];
    for (const [service, url] of Object.entries(settings.databases)) {
      services.push(await open(ServiceDatabase.open(service, url)));
    }
    const sandbox = new Sandbox(settings.sandboxUrl);
    const broker = new Broker(settings.broker);

    const rest = await waitForRest([...services, sandbox], { ...settings, report });
    report('reading the ledger, the databases and the queues');
    const scratch = new Scratch(await open(connect('database of the order service', settings.databases.order)));
    await scratch.create();
    for (const source of [...services, sandbox, broker]) await source.copyInto(scratch);
    if (settings.requestLog) await new RequestLog(settings.requestLog).copyInto(scratch);
    await scratch.fill('initial_stock', settings.initialStock);
    return await findings(scratch, rest, settings.requestLog !== undefined, report);
  } finally {
    for (const close of opened) await close();
  }
};

const findings = async (scratch, rest, hasRequests, report) => {
  await scratch.prepare();
  report('judging');
  const counts = await countEverything(scratch);
  if (counts.orders === 0 && counts.captures === 0) {
    throw new UnjudgeableError('Nothing has happened: there is no order and nothing was captured.');
  }
  const invariants = await judge(scratch, loadInvariants(), { isAtRest: rest.kind !== 'busy', hasRequests });
  const isBroken = invariants.some(({ verdict }) => verdict === 'broken');
  if (rest.kind === 'busy' && !isBroken) {
    const work = rest.open.length === 0 ? 'something still moves' : describeWork(rest.open);
    throw new UnjudgeableError(`The system has not come to rest: ${work}. Stop the load, or wait with --within.`);
  }
  return {
    verdict: isBroken ? 'broken' : 'green',
    rest: rest.kind,
    counts,
    parked: await findParked(scratch),
    invariants,
    timelines: await findTimelines(scratch, invariants),
  };
};
