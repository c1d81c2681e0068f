/** Writes the figures of the last run into docs/performance.md, between its markers; what is not between them is a person's. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '../lib/paths.mjs';
import { figureRows, goalRows, limitRows, processRows, squared } from './tables.mjs';

const FILE = join(repository, 'docs/performance.md');

export const writeDocument = (results) => {
  const text = Object.entries(partsOf(results)).reduce(
    (page, [name, part]) => (part === null ? page : replacePart(page, name, part)),
    readFileSync(FILE, 'utf8'),
  );
  writeFileSync(FILE, text);
};

/** A part that was not measured is null, and what the page says of it stays. */
const partsOf = (results) => ({
  goals: `${sourceOf(results.conditions)}\n\n${toMarkdown(goalRows(results))}`,
  limits: results.limits ? toMarkdown(limitRows(results.limits)) : null,
  ...Object.fromEntries(
    Object.entries(results.scenarios).map(([name, { conditions, measurements }]) => [
      name,
      [sourceOf(conditions), toMarkdown(figureRows(measurements)), toMarkdown(processRows(measurements))]
        .filter(Boolean)
        .join('\n\n'),
    ]),
  ),
  soak: results.soak ? soakPart(results.soak) : null,
});

const sourceOf = ({ date, commit, machine }) => `Measured ${date.slice(0, 16)}Z at \`${commit}\` on ${machine}.`;

const soakPart = ({ conditions, minutes, rate, orders, p50, p99, samples, verdicts }) => {
  const { autovacuums, checkpoints } = samples.at(-1);
  const sentence =
    `${minutes} minutes at ${rate} orders/s: ${orders} orders, none lost, p50 ${p50} ms, p99 ${p99} ms, ` +
    `${autovacuums} autovacuums, ${checkpoints} checkpoints.`;
  return [`${sourceOf(conditions)} ${sentence}`, toMarkdown(verdicts)].join('\n\n');
};

/** @param {Record<string, string>[]} rows */
export const toMarkdown = (rows) => {
  if (rows.length === 0) return '';
  const line = (cells) => `| ${cells.join(' | ')} |`;
  const cells = squared(rows);
  const heads = Object.keys(cells[0]);
  return [line(heads), line(heads.map(() => '---')), ...cells.map((row) => line(Object.values(row)))].join('\n');
};

/** @param {string} page with `<!-- name -->` and `<!-- /name -->` around what is to be replaced */
export const replacePart = (page, name, part) => {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from === -1 || to < from) throw new Error(`docs/performance.md has no place for ${name}`);
  return `${page.slice(0, from + begin.length)}\n\n${part}\n\n${page.slice(to)}`;
};
