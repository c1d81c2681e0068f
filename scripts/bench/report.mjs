/** The same figures as a table for the terminal and as one page with plots that needs nothing else. */
import { medians, ratios } from './figures.mjs';

const COLUMNS = [
  ['orders/s', ({ ordersPerSecond }) => ordersPerSecond.toFixed(0)],
  ['p50 ms', ({ p50 }) => p50.toFixed(0)],
  ['p95 ms', ({ p95 }) => p95.toFixed(0)],
  ['p99 ms', ({ p99 }) => p99.toFixed(0)],
  ['CPU ms', ({ cpuMs }) => cpuMs.toFixed(2)],
  ['statements', ({ statements }) => statements.toFixed(2)],
  ['commits', ({ commits }) => commits.toFixed(2)],
  ['WAL bytes', ({ walBytes }) => walBytes.toFixed(0)],
  ['messages', ({ messages }) => messages.toFixed(2)],
];

/** Medians over the rounds, by load, then how many times better Once was within each round. */
export const rowsOf = (measurements, titles) => {
  const loads = [...new Set(measurements.map(({ load }) => load))];
  const systems = [...new Set(measurements.map(({ system }) => system))];
  const of = (load, system) => measurements.filter((one) => one.load === load && one.system === system);
  const rows = loads.flatMap((load) =>
    systems.map((system) => {
      const figures = medians(of(load, system));
      return { load, system, title: titles[system], figures, cells: COLUMNS.map(([, show]) => show(figures)) };
    }),
  );
  const comparisons = loads.flatMap((load) =>
    systems
      .filter((system) => system !== 'once' && systems.includes('once'))
      .map((system) => {
        const [ours, theirs] = [of(load, 'once'), of(load, system)];
        const throughput = ratios(ours, theirs, 'ordersPerSecond');
        const cpu = ratios(theirs, ours, 'cpuMs');
        const p99 = ratios(theirs, ours, 'p99');
        return { load, against: titles[system], throughput, cpu, p99 };
      }),
  );
  return { rows, comparisons };
};

export const toTable = (measurements, titles) => {
  const { rows, comparisons } = rowsOf(measurements, titles);
  const table = [
    ['load', 'system', ...COLUMNS.map(([name]) => name)],
    ...rows.map(({ load, title, cells }) => [load, title, ...cells]),
  ];
  return [alignColumns(table, 2), '', ...comparisons.map(sentenceOf)].join('\n');
};

const LIMIT_COLUMNS = ['the machine itself', 'per second', 'CPU µs each'];
const limitCells = ({ what, perSecond, cpuUs }) => [what, perSecond.toFixed(0), cpuUs.toFixed(0)];

export const limitsTable = (limits) => alignColumns([LIMIT_COLUMNS, ...limits.map(limitCells)], 1);

/** The first columns are words, the others numbers. */
const alignColumns = (table, words) => {
  const widths = table[0].map((_, column) => Math.max(...table.map((cells) => cells[column].length)));
  const lines = table.map((cells) =>
    cells
      .map((cell, column) => (column < words ? cell.padEnd(widths[column]) : cell.padStart(widths[column])))
      .join('  '),
  );
  return lines.join('\n');
};

const sentenceOf = ({ load, against, throughput, cpu, p99 }) =>
  `${load}: ${throughput.median.toFixed(1)} times the orders/s of ${against}, ` +
  `${cpu.median.toFixed(1)} times less CPU per order, p99 ${p99.median.toFixed(1)} times shorter`;

export const toHtml = ({ conditions, limits, measurements, titles }) => {
  const { rows, comparisons } = rowsOf(measurements, titles);
  const { date, commit, machine, command } = conditions;
  const figures = htmlTable(
    ['load', 'system', ...COLUMNS.map(([name]) => name)],
    rows.map(({ load, title, cells }) => [load, title, ...cells]),
  );
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>What an order costs</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; color: #1b1f24 }
  table { border-collapse: collapse; font-variant-numeric: tabular-nums } td, th { padding: .2rem .7rem; text-align: right }
  td:first-child, th:first-child { text-align: left } tr:nth-child(even) { background: #f3f5f7 }
  figure { margin: 2rem 0 } figcaption { font-weight: 600 }
</style>
<h1>What an order costs</h1>
<p>${escape(`${date} · commit ${commit} · ${machine} · ${command}`)}. Medians over the rounds; the provider's and the load
generator's own work is not counted.</p>
${plot('CPU ms per order, all processes of the system', rows, 'cpuMs')}
${plot('Completed orders per second', rows, 'ordersPerSecond')}
${plot('p99 from POST to mail, ms', rows, 'p99')}
<ul>${comparisons.map((one) => `<li>${escape(sentenceOf(one))}</li>`).join('\n')}</ul>
${figures}
<h2>The machine in the same run</h2>
${htmlTable(LIMIT_COLUMNS, limits.map(limitCells))}
</html>
`;
};

const htmlTable = (head, rows) => {
  const row = (cells, tag) => `<tr>${cells.map((cell) => `<${tag}>${escape(cell)}</${tag}>`).join('')}</tr>`;
  const body = rows.map((cells) => row(cells, 'td')).join('\n');
  return `<table><thead>${row(head, 'th')}</thead><tbody>\n${body}\n</tbody></table>`;
};

const COLOURS = { once: '#1a7f5a', naive: '#8fb8a8', dbos: '#b35c1e' };
const BAR = { height: 18, left: 240, width: 560 };

/** Horizontal bars, one per load and system, labelled with their value. */
const plot = (caption, rows, name) => {
  const most = Math.max(...rows.map(({ figures }) => figures[name]));
  const bars = rows
    .map(({ load, title, system, figures }, index) => {
      const y = index * (BAR.height + 6);
      const width = Math.max(1, (figures[name] / most) * BAR.width);
      const middle = y + BAR.height * 0.75;
      return `<text x="${BAR.left - 8}" y="${middle}" text-anchor="end">${escape(`${load} · ${title}`)}</text>
<rect x="${BAR.left}" y="${y}" width="${width.toFixed(1)}" height="${BAR.height}" fill="${COLOURS[system] ?? '#888'}"/>
<text x="${BAR.left + width + 6}" y="${middle}">${figures[name].toFixed(figures[name] < 10 ? 2 : 0)}</text>`;
    })
    .join('\n');
  const height = rows.length * (BAR.height + 6);
  return `<figure><figcaption>${escape(caption)}</figcaption>
<svg viewBox="0 0 ${BAR.left + BAR.width + 90} ${height}" width="100%" font-size="13" role="img" aria-label="${escape(caption)}">
${bars}
</svg></figure>`;
};

const escape = (text) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
