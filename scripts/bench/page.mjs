/** One HTML page with plots that needs nothing else. */
import { figureRows, goalRows, limitRows, measuredScenarios, processRows, squared } from './tables.mjs';

export const toHtml = (results) => {
  const { date, commit, machine, command } = results.conditions;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>What an order costs</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 75rem; margin: 2rem auto; padding: 0 1rem; color: #1b1f24 }
  table { border-collapse: collapse; font-variant-numeric: tabular-nums } td, th { padding: .2rem .7rem; text-align: right }
  td:first-child, th:first-child { text-align: left } tr:nth-child(even) { background: #f3f5f7 }
  figure { margin: 2rem 0 } figcaption { font-weight: 600 }
</style>
<h1>What an order costs</h1>
<p>${escape(`${date} · commit ${commit} · ${machine} · ${command}`)}. Medians over the rounds; the provider's and the load
generator's own work is not counted.</p>
<h2>Goals</h2>
<p>Those with a star gate a release.</p>
${htmlTable(goalRows(results))}
${measuredScenarios(results).map(scenarioSection).join('\n')}
<h2>The machine in the same run</h2>
${htmlTable(limitRows(results.limits))}
</html>
`;
};

const scenarioSection = ({ title, measurements }) => {
  const rows = figureRows(measurements);
  return `<h2>${escape(title)}</h2>
${plot('CPU ms per order, all processes of the system', rows, 'CPU ms')}
${plot('Completed orders per second', rows, 'orders/s')}
${plot('p99 from POST to mail, ms', rows, 'p99 ms')}
${htmlTable(rows)}
${htmlTable(processRows(measurements))}`;
};

const htmlTable = (rows) => {
  if (rows.length === 0) return '';
  const [first] = squared(rows);
  const line = (cells, tag) => `<tr>${cells.map((cell) => `<${tag}>${escape(cell)}</${tag}>`).join('')}</tr>`;
  const body = squared(rows).map((row) => line(Object.values(row), 'td'));
  return `<table><thead>${line(Object.keys(first), 'th')}</thead><tbody>\n${body.join('\n')}\n</tbody></table>`;
};

const COLOURS = { Once: '#1a7f5a', 'DBOS Transact': '#b35c1e' };
const BAR = { height: 18, left: 360, width: 480 };

/** Horizontal bars, one per load and system, labelled with their value. */
const plot = (caption, rows, column) => {
  const shown = rows.filter((row) => Number.isFinite(Number(row[column] ?? NaN)));
  if (shown.length === 0) return '';
  const most = Math.max(...shown.map((row) => Number(row[column])));
  const bars = shown.map((row, index) => {
    const y = index * (BAR.height + 6);
    const width = Math.max(1, (Number(row[column]) / most) * BAR.width);
    const middle = y + BAR.height * 0.75;
    return `<text x="${BAR.left - 8}" y="${middle}" text-anchor="end">${escape(`${row.load} · ${row.system}`)}</text>
<rect x="${BAR.left}" y="${y}" width="${width.toFixed(1)}" height="${BAR.height}" fill="${COLOURS[row.system] ?? '#8fb8a8'}"/>
<text x="${BAR.left + width + 6}" y="${middle}">${row[column]}</text>`;
  });
  const height = shown.length * (BAR.height + 6);
  return `<figure><figcaption>${escape(caption)}</figcaption>
<svg viewBox="0 0 ${BAR.left + BAR.width + 90} ${height}" width="100%" font-size="13" role="img" aria-label="${escape(caption)}">
${bars.join('\n')}
</svg></figure>`;
};

const escape = (text) =>
  String(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
