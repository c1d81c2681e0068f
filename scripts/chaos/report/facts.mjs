/** A run as data: what report.json holds, and what the table and the page are made of. */
import { cpus, totalmem } from 'node:os';
import { run } from '../../lib/processes.mjs';
import { repository } from '../../lib/paths.mjs';
import { quantile } from '../load/request-statistics.mjs';

export const factsOf = async (outcome) => {
  const { settings, statistics, records, startedAt, healedMs, first, second } = outcome;
  return {
    verdict: outcome.verdict,
    broken: outcome.broken,
    differences: outcome.differences,
    invalid: outcome.invalid,
    startedAt: new Date(startedAt).toISOString(),
    command: settings.command,
    commit: await commit(),
    machine: machine(),
    seed: settings.seed,
    durationS: settings.durationS,
    rate: settings.rate,
    workload: settings.workload,
    healedAtS: Math.round(healedMs / 100) / 10,
    happened: outcome.happened,
    requests: {
      ...statistics.totals,
      attemptsAtServers: outcome.attemptsAtServers,
      orderRequests: statistics.orderRequests,
      latencyMs: latencies(statistics),
    },
    weights: outcome.weights,
    kills: outcome.kills,
    faults: faultRows(outcome),
    strikes: outcome.strikes,
    seconds: secondsOf(statistics, records, startedAt),
    callsPerOrder: records.callsPerOrder,
    judgements: [first, second].map(({ verdict, why, counts, rest, invariants = [], parked = [], timelines }) => ({
      verdict, why, counts, rest, invariants, parked, timelines,
    })), // prettier-ignore
    redriven: outcome.redriven,
  };
};

const commit = () =>
  run('git', ['describe', '--always', '--dirty', '--abbrev=10'], { cwd: repository }).then(
    (output) => output.trim(),
    () => 'unknown',
  );

const machine = () => {
  const [{ model } = { model: 'unknown processor' }] = cpus();
  return `${cpus().length} × ${model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}, ${process.platform}`;
};

const latencies = ({ seconds }) => {
  const all = seconds.flatMap(({ latencies }) => latencies);
  return Object.fromEntries([0.5, 0.95, 0.99, 1].map((share) => [`p${share * 100}`, quantile(all, share)]));
};

/** Per fault: how often it was planned, done and felt, and how long the system took to recover. */
const faultRows = ({ faults, strikes, struck }) =>
  faults.map(({ name, lane }) => {
    const own = strikes.filter(({ fault }) => fault === name);
    const recoveries = own
      .filter(({ recoveredMs }) => recoveredMs !== undefined)
      .map(({ recoveredMs, struckMs }) => recoveredMs - struckMs);
    return {
      fault: name,
      lane,
      planned: own.length,
      done: own.filter(({ struckMs }) => struckMs !== undefined).length,
      felt: struck.find((row) => row.name === name).struck,
      recoveryMs: recoveries.length === 0 ? null : { median: quantile(recoveries, 0.5), max: Math.max(...recoveries) },
    };
  });

const secondsOf = ({ seconds }, { captures }, startedAt) =>
  seconds.map(({ latencies, ...counts }, index) => ({
    second: index,
    ...counts,
    p50: quantile(latencies, 0.5),
    p95: quantile(latencies, 0.95),
    captures: captures.filter((at) => Math.floor((at - startedAt) / 1_000) === index).length,
  }));
