/** The results of a run, and questions to them: `{ conditions, limits, scenarios: { peer: { date, measurements } } }`. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { median } from './figures.mjs';

export const readResults = (file) => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { scenarios: {} });

export const writeResults = (file, results) => {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(results, null, 1)}\n`);
};

/** The measurements of one system under one load; of a load it cannot carry there are none. */
const measured = (results, scenario, system, load) =>
  (results.scenarios[scenario]?.measurements ?? []).filter(
    (one) => one.system === system && one.load === load && !one.cannotCarry,
  );

/** @returns {{ value: number, least: number, most: number } | null} median and spread over the rounds */
export const figureOf = (results, name, [scenario, system, load]) =>
  spreadOf([...figuresByRound(results, name, [scenario, system, load]).values()]);

/** How many times the one is the other, by the rounds that have both. */
export const ratioOf = (results, name, one, other) => {
  const others = figuresByRound(results, name, other);
  const pairs = [...figuresByRound(results, name, one)].filter(([round]) => others.has(round));
  return spreadOf(pairs.map(([round, figure]) => figure / others.get(round)));
};

const figuresByRound = (results, name, [scenario, system, load]) =>
  new Map(
    measured(results, scenario, system, load)
      .filter(({ figures }) => Number.isFinite(figures[name]))
      .map(({ round, figures }) => [round, figures[name]]),
  );

/** The load under which the system does the most orders per second. */
export const bestLoad = (results, scenario, system) => {
  const loads = new Set((results.scenarios[scenario]?.measurements ?? []).map(({ load }) => load));
  const speeds = [...loads].map((load) => [
    load,
    figureOf(results, 'ordersPerSecond', [scenario, system, load])?.value,
  ]);
  return speeds.filter(([, speed]) => speed !== undefined).toSorted((one, other) => other[1] - one[1])[0]?.[0];
};

const spreadOf = (values) =>
  values.length === 0 ? null : { value: median(values), least: Math.min(...values), most: Math.max(...values) };
