/**
 * What is aimed at, as a table: each goal with its floor and its ambitious figure, and how it is read from the results. A ratio is
 * the median over the pairs of a run. Goals that gate a release are ratios of CPU, the figure that a busy machine moves least.
 */
import { bestLoad, figureOf, ratioOf } from './results.mjs';

const ONCE = (load) => ['peer', 'once', load];
const DBOS = (load) => ['peer', 'dbos', load];
const [ALONE, AT_64, AT_128, AT_256] = [1, 64, 128, 256].map((window) => `${window} in flight`);

const times = (value) => `${value.toFixed(value < 10 ? 2 : 1)}x`;
const fraction = (value) => (value < 1 ? `1/${(1 / value).toFixed(1)}` : times(value));
const percent = (value) => `${(value * 100).toFixed(0)} %`;
const plain = (value) => value.toFixed(2);
const kilobytes = (value) => `${(value / 1_000).toFixed(1)} kB`;

const MORE = (value, bound) => value >= bound;
const LESS = (value, bound) => value <= bound;

const goal = (measure, holds, show, [floor, ambitious], read, { gates = false } = {}) => ({
  measure,
  holds,
  show,
  floor,
  ambitious,
  read,
  gates,
});
const GATES = { gates: true };

const throughput = (results, load) => ratioOf(results, 'ordersPerSecond', ONCE(load), DBOS(load));
const bestThroughput = (results) =>
  ratioOf(results, 'ordersPerSecond', ONCE(bestLoad(results, 'peer', 'once')), DBOS(bestLoad(results, 'peer', 'dbos')));
const within = (scenario, system, load, otherSystem, otherLoad, name) => (results) =>
  ratioOf(results, name, [scenario, system, load], [scenario, otherSystem, otherLoad]);
const beside = (load, name) => (results) => ratioOf(results, name, ONCE(load), DBOS(load));
const ours = (load, name) => (results) => figureOf(results, name, ONCE(load));

/** Of what an order costs with them; without them it would cost the rest. */
const guaranteesShare = (results) => {
  const rest = within('guarantees', 'unrecorded', AT_128, 'once', AT_128, 'cpuMs')(results);
  return rest && { value: 1 - rest.value, least: 1 - rest.most, most: 1 - rest.least };
};

const afterCheckpoint = (keys) => (results) =>
  figureOf(results, 'walBytes', ['growth', 'grown', `after a checkpoint, ${keys} keys`]);

export const GOALS = [
  goal('orders/s vs DBOS, both at 64', MORE, times, [4, 7], (results) => throughput(results, AT_64)),
  goal('orders/s vs DBOS, both at 128', MORE, times, [5, 8], (results) => throughput(results, AT_128)),
  goal('orders/s vs DBOS, each at its best window', MORE, times, [8, 14], bestThroughput),
  goal('CPU per order vs DBOS at 128', LESS, fraction, [1 / 5, 1 / 8], beside(AT_128, 'cpuMs'), GATES),
  goal(
    'CPU per order vs our naive mode at 256',
    LESS,
    fraction,
    [1 / 6, 1 / 10],
    within('ablation', 'once', AT_256, 'naive', AT_256, 'cpuMs'),
    GATES,
  ),
  goal('p99 vs DBOS, both at 128', LESS, fraction, [1 / 3, 1 / 5], beside(AT_128, 'p99')),
  goal('p99 vs DBOS at 50 orders/s', LESS, times, [1.5, 1], beside('50 per second', 'p99')),
  goal('p50 vs DBOS, one order in flight', LESS, times, [1.2, 0.8], beside(ALONE, 'p50')),
  goal('commits per order at 256', LESS, plain, [0.8, 0.4], ours(AT_256, 'commits')),
  goal('commits per order at 64', LESS, plain, [1.6, 0.9], ours(AT_64, 'commits')),
  goal('SQL statements per order at 256', LESS, plain, [0.8, 0.4], ours(AT_256, 'statements')),
  goal('SQL statements per order, alone', LESS, plain, [14, 10], ours(ALONE, 'statements')),
  goal('broker messages per order at 256', LESS, plain, [0.7, 0.35], ours(AT_256, 'messages')),
  goal('broker messages per order, alone', LESS, plain, [6, 5], ours(ALONE, 'messages')),
  goal('WAL per order, 10⁶ stored, time-ordered keys', LESS, kilobytes, [14_000, 9_000], afterCheckpoint('ordered')),
  goal('WAL per order, 10⁶ stored, random keys', LESS, kilobytes, [24_000, 20_000], afterCheckpoint('random')),
  goal(
    'orders/s with a provider of 50 ms vs 0 ms, at 256',
    MORE,
    percent,
    [0.5, 0.65],
    within('provider', 'once', 'provider of 50 ms', 'once', 'provider at once', 'ordersPerSecond'),
  ),
  goal(
    'orders/s on one article vs spread, at 256',
    MORE,
    percent,
    [0.4, 0.6],
    within('hot-article', 'once', 'one article', 'once', 'spread over articles', 'ordersPerSecond'),
  ),
  goal(
    'CPU of a replay vs a first request',
    LESS,
    plain,
    [0.1, 0.06],
    within('replay', 'once', 'replays', 'once', 'first requests', 'cpuMs'),
    GATES,
  ),
  goal(
    'CPU per order at 10⁶ stored orders vs 10⁴',
    LESS,
    times,
    [1.5, 1.2],
    within('growth', 'grown', AT_128, 'young', AT_128, 'cpuMs'),
    GATES,
  ),
  goal("the guarantees' share of CPU per order", LESS, percent, [0.35, 0.25], guaranteesShare, GATES),
  goal(
    'orders/s under chaos vs none',
    MORE,
    percent,
    [0.4, 0.6],
    within('chaos', 'mortal', 'chaos', 'mortal', 'peace', 'ordersPerSecond'),
  ),
];

/** Every goal, judged; one that the results say nothing of is `not measured`, never met. */
export const judgeGoals = (results, goals = GOALS) =>
  goals.map(({ measure, holds, show, floor, ambitious, read, gates }) => {
    const figure = read(results);
    const shown = { measure, floor: show(floor), ambitious: show(ambitious), gates };
    if (figure === null) return { ...shown, measured: '', spread: '', verdict: 'not measured' };
    const { value, least, most } = figure;
    const spread = `${show(least)} to ${show(most)}`;
    return { ...shown, measured: show(value), spread, verdict: verdictOn(value, { holds, floor, ambitious }) };
  });

const verdictOn = (value, { holds, floor, ambitious }) => {
  if (holds(value, ambitious)) return 'ambitious';
  return holds(value, floor) ? 'floor' : 'MISSED';
};

export const missedGates = (judged) => judged.filter(({ gates, verdict }) => gates && verdict === 'MISSED');
