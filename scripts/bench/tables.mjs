/** The results as rows, which the terminal, the HTML page and the documentation show each in their way. */
import { medians } from './figures.mjs';
import { judgeGoals } from './goals.mjs';
import { SCENARIOS } from './scenarios.mjs';
import { titlesOf } from './systems.mjs';

const COLUMNS = {
  'orders/s': ['ordersPerSecond', 0],
  'p50 ms': ['p50', 0],
  'p95 ms': ['p95', 0],
  'p99 ms': ['p99', 0],
  'CPU ms': ['cpuMs', 2],
  statements: ['statements', 2],
  commits: ['commits', 2],
  'WAL bytes': ['walBytes', 0],
  messages: ['messages', 2],
};

/** Medians over the rounds, one row per load and system. */
export const figureRows = (measurements) =>
  groupsOf(measurements).map(({ load, system, all }) => {
    const about = { load, system: titlesOf()[system] };
    const carried = all.filter(({ cannotCarry }) => !cannotCarry);
    if (carried.length === 0) return { ...about, 'orders/s': 'more than it can carry' };
    const figures = medians(carried.map((one) => one.figures));
    const cells = Object.entries(COLUMNS).filter(([, [name]]) => figures[name] !== undefined);
    return {
      ...about,
      ...Object.fromEntries(cells.map(([head, [name, digits]]) => [head, figures[name].toFixed(digits)])),
    };
  });

/** Where the CPU of an order goes, one row per load and system. */
export const processRows = (measurements) =>
  groupsOf(measurements.filter(({ cpuMs }) => cpuMs !== undefined)).map(({ load, system, all }) => {
    const parts = medians(all.map(({ cpuMs }) => cpuMs));
    const cells = PROCESSES.map((name) => [name, parts[name] === undefined ? '' : parts[name].toFixed(2)]);
    return { load, system: titlesOf()[system], ...Object.fromEntries(cells) };
  });

const PROCESSES = ['order', 'payment', 'notification', 'dbos', 'calls', 'postgres', 'rabbitmq'];

const groupsOf = (measurements) => {
  const groups = new Map();
  for (const one of measurements) {
    const name = `${one.load}\n${one.system}`;
    if (!groups.has(name)) groups.set(name, { load: one.load, system: one.system, all: [] });
    groups.get(name).all.push(one);
  }
  return [...groups.values()];
};

export const goalRows = (results) =>
  judgeGoals(results).map(({ gates, measure, ...goal }) => ({ measure: gates ? `${measure} *` : measure, ...goal }));

export const limitRows = (limits = []) =>
  limits.map(({ what, perSecond, cpuUs }) => ({
    'the machine itself': what,
    'per second': perSecond.toFixed(0),
    'CPU µs each': cpuUs.toFixed(0),
  }));

/** The scenarios that were measured, in the order of a full run, with their titles. */
export const measuredScenarios = ({ scenarios }) =>
  Object.entries(SCENARIOS)
    .filter(([name]) => scenarios[name] !== undefined)
    .map(([name, { title }]) => ({ name, title, ...scenarios[name] }));

/** All columns that occur, in the order of their first row; a cell that a row lacks is empty. */
export const squared = (rows) => {
  const heads = [...new Set(rows.flatMap(Object.keys))];
  return rows.map((row) => Object.fromEntries(heads.map((head) => [head, row[head] ?? ''])));
};
