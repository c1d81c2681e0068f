/**
 * Whether a long run has come to rest: medians of its last quarter beside those of its second. In the first one caches fill and
 * nothing is old enough to be deleted.
 */
import { median } from './figures.mjs';

/** What a garbage collector and a vacuum leave lying about from one minute to the next. */
const GROWTH_MAX = 1.2;
const SLACK = { MB: 16, rows: 500, 'CPU ms': 0.5 };

/** @returns {{ what: string, second: string, last: string, verdict: 'steady' | 'GROWS' | 'grows with the orders' }[]} */
export const judgeSteadiness = (samples) => {
  const quarter = Math.floor(samples.length / 4);
  const second = samples.slice(quarter, 2 * quarter);
  const last = samples.slice(-quarter);
  return seriesOf(samples.at(-1)).map(({ what, unit, read, isKept }) => {
    const before = median(second.map(read));
    const after = median(last.map(read));
    const grows = after > before * GROWTH_MAX && after - before > SLACK[unit];
    const growth = isKept ? 'grows with the orders' : 'GROWS';
    const verdict = grows ? growth : 'steady';
    return { what: `${what}, ${unit}`, second: shown(before, unit), last: shown(after, unit), verdict };
  });
};

const shown = (value, unit) => value.toFixed(unit === 'rows' ? 0 : 1);

const seriesOf = (sample) => [
  ...Object.keys(sample.memory).map((name) => ({
    what: `memory of ${name}`,
    unit: 'MB',
    read: ({ memory }) => memory[name] / 1e6,
  })),
  ...sample.tables.flatMap(({ service, table, keptRows }, at) => [
    { what: `${service}.${table}`, unit: 'rows', read: ({ tables }) => tables[at].rows },
    { what: `${service}.${table}`, unit: 'MB', read: ({ tables }) => tables[at].bytes / 1e6, isKept: keptRows > 0 },
  ]),
  { what: 'CPU per order', unit: 'CPU ms', read: ({ cpuMs }) => cpuMs },
];
