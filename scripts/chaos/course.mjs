/**
 * One run: load and faults, heal, come to rest, judge, restart everything and try the dead letters again, judge again.
 *
 * The verdict is `broken` as soon as one invariant is, whichever judgement found it; `invalid` when a judgement could not be
 * made or too little happened; `green` otherwise.
 */
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { LaunchError } from '../lib/errors.mjs';
import { pollUntil } from '../lib/wait.mjs';
import { Conductor } from './conductor.mjs';
import { chooseFaults, faultsOf } from './faults/catalogue.mjs';
import { World } from './faults/world.mjs';
import { brokenIn, compare, judge } from './judgement.mjs';
import { K6Load } from './load/k6-load.mjs';
import { RequestStatistics } from './load/request-statistics.mjs';
import { ServerCounts } from './load/server-counts.mjs';
import { redriveDeadLetters, restartEverything } from './restart.mjs';
import { planStrikes } from './schedule.mjs';
import { misused } from './settings.mjs';
import { readWorldRecords } from './world-records.mjs';
import { weigh } from './vacuity.mjs';

const READY_WITHIN_MS = 90_000;

/** @returns {Promise<object>} everything that a report tells */
export const runCourse = async (target, settings, { report, progress, signal }) => {
  const { seed, durationS, workload, rate, directory } = settings;
  const world = new World(target.sandboxUrl, seed);
  const known = faultsOf(target, world);
  const faults = chooseFaults(known, settings.faults);
  if (faults === undefined) throw misused(`--faults knows ${known.map(({ name }) => name).join(', ')}.`);
  const strikes = planStrikes({ seed, durationMs: durationS * 1_000, faults, often: settings.often });
  report(`seed ${seed}: ${strikes.length} strikes of ${faults.length} faults in ${durationS} s`);

  const startedAt = Date.now();
  const statistics = new RequestStatistics(startedAt);
  const load = new K6Load(directory, (request) => statistics.add(request));
  const conductor = new Conductor(faults, { startedAt: performance.now(), report });
  const counts = new ServerCounts(target.replicas);
  counts.start();
  await world.begin(faults.flatMap(({ rule }) => rule ?? []));
  await load.start(workload, {
    ORDER_URLS: target.customerUrls.join(','),
    SEED: String(seed),
    RUN_ID: `chaos-${startedAt}`,
    RATE: String(rate),
    DURATION: `${durationS}s`,
  });
  const stopProgress = progress(statistics);
  try {
    const ending = new AbortController();
    await Promise.all([
      conductor.perform(strikes, ending.signal),
      pause(durationS * 1_000, undefined, { signal }).finally(() => ending.abort()),
    ]);
    report('healing');
    await untilAborted(signal, healEverything(target, conductor, world));
    const healedMs = Date.now() - startedAt;
    report('faults are healed; customers without an answer go on asking');
    const areChecksGreen = await untilAborted(signal, load.ended);
    await counts.stop();
    stopProgress();

    report(`waiting for rest, up to ${settings.withinS} s, and judging`);
    const judging = {
      log: join(directory, 'audit.log'),
      requestLog: load.requestLog,
      withinS: settings.withinS,
      isStockKnown: settings.where !== 'running',
    };
    const first = await untilAborted(signal, judge(target, judging));
    const records = await readWorldRecords(target.sandboxUrl);
    report(`first judgement: ${first.verdict}`);
    const { redriven, second } = await untilAborted(signal, judgeAgain(target, first, judging, report));

    return conclude({
      settings, faults, strikes: conductor.records, statistics, counts, records, first, second, redriven, areChecksGreen,
      startedAt, healedMs, replicas: target.replicas,
    }); // prettier-ignore
  } finally {
    stopProgress();
    load.stop();
  }
};

/** Nothing mends what is broken once: then there is no second judgement. */
const judgeAgain = async (target, first, judging, report) => {
  if (first.verdict === 'broken') return { redriven: [], second: first };
  report('restarting everything');
  await restartEverything(target, report);
  const redriven = await redriveDeadLetters(target);
  report(`tried ${redriven.length} dead letters again; judging again`);
  const second = await judge(target, judging);
  report(`second judgement: ${second.verdict}`);
  return { redriven, second };
};

/** An interrupt must not wait for what may take minutes; whatever goes on is ended with the target. */
const untilAborted = (signal, work) =>
  Promise.race([
    work,
    new Promise((_resolve, reject) => {
      const abort = () => reject(new LaunchError('Interrupted.'));
      if (signal.aborted) abort();
      signal.addEventListener('abort', abort, { once: true });
    }),
  ]);

const healEverything = async (target, conductor, world) => {
  await pollUntil(() => target.isSandboxReady(), { withinMs: READY_WITHIN_MS, everyMs: 250 });
  await conductor.heal();
  await world.heal();
  const areReady = async () =>
    (await Promise.all(target.replicas.map(({ label }) => target.isReady(label)))).every(Boolean);
  if (!(await pollUntil(areReady, { withinMs: READY_WITHIN_MS, everyMs: 250 }))) {
    throw new Error('a replica did not come back after the faults had ended');
  }
};

const conclude = (facts) => {
  const { settings, faults, strikes, statistics, counts, records, first, second, areChecksGreen } = facts;
  const struck = faults.map((fault) => ({
    name: fault.name,
    lane: fault.lane,
    struck: countStrikes(fault, strikes, records),
  }));
  const kills = Object.fromEntries(
    facts.replicas.map(({ label }) => [
      label,
      strikes.filter(({ fault, target, struckMs }) => fault === 'kill' && target === label && struckMs !== undefined)
        .length,
    ]),
  );
  const happened = {
    confirmed: first.counts?.confirmed ?? 0,
    cancelled: first.counts?.cancelled ?? 0,
    refunds: first.counts?.refunds ?? 0,
    replays: statistics.totals.replays,
    'waits and conflicts': statistics.totals.conflicts + statistics.totals.waited,
    unknowns: statistics.totals.unknown,
    redeliveries: counts.total('once_messaging_redelivered_total'),
    'duplicates suppressed': counts.total('once_idempotency_duplicates_total'),
  };
  const weights = weigh({ durationS: settings.durationS, counts: happened, faults: struck, kills });
  const differences = first.verdict === 'invalid' || second.verdict === 'invalid' ? [] : compare(first, second);
  const broken = [...new Set([...brokenIn(first), ...brokenIn(second)].map(({ name }) => name))];
  const invalid = [
    ...(areChecksGreen ? [] : ['customers were not answered as they should be: see k6-summary.json']),
    ...[first, second].filter(({ verdict }) => verdict === 'invalid').map(({ why }) => why),
    ...weights
      .filter(({ isMet }) => !isMet)
      .map(({ what, minimum, count }) => `${what}: ${count}, but ${minimum} are needed`),
  ];
  return {
    ...facts,
    struck,
    kills,
    happened,
    weights,
    differences,
    broken,
    invalid,
    verdict: verdictOf({ broken, differences, invalid }),
    attemptsAtServers: counts.total(
      'http_request_duration_seconds_count',
      (labels) => labels.includes('method="POST"') && labels.includes('route="/orders"'),
    ),
  };
};

/** Faults of the world outside are counted where they were felt; the others when they were done. */
const countStrikes = ({ name, rule }, strikes, { struck }) =>
  rule ? (struck[name] ?? 0) : strikes.filter(({ fault, struckMs }) => fault === name && struckMs !== undefined).length;

const verdictOf = ({ broken, differences, invalid }) => {
  if (broken.length > 0 || differences.length > 0) return 'broken';
  return invalid.length > 0 ? 'invalid' : 'green';
};
