import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { factsOf } from './facts.mjs';
import { renderMarkdown } from './markdown.mjs';
import { renderPage } from './page.mjs';
import { renderRun } from './terminal.mjs';

/** Writes report.json, report.md and report.html, and returns what the terminal shows. */
export const writeReports = async (outcome, directory) => {
  const facts = await factsOf(outcome);
  const page = join(directory, 'report.html');
  writeFileSync(join(directory, 'report.json'), `${JSON.stringify(facts, undefined, 2)}\n`);
  writeFileSync(join(directory, 'report.md'), renderMarkdown(facts));
  writeFileSync(page, renderPage(facts));
  return `the whole story: ${page}\n\n${renderRun(facts)}\n`;
};
