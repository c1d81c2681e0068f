import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { anchorsOf, linksOf, pathsIn, tableRows } from './markdown.mjs';

const GUARANTEES = 'docs/guarantees.md';
const GUARANTEES_HEADER = ['Promise', 'Failure survived', 'Mechanism', 'Test'];
const SKIPPED_FOLDERS = new Set(['node_modules', 'dist', 'coverage', '.git', '.once']);

/** A decision record tells what was true when it was accepted, and is never edited afterwards. */
const isRecord = (file) => file.startsWith('docs/adr/');

/**
 * Everything the documentation says of the repository at `root` that is not so, one sentence each: links and anchors that
 * lead nowhere, paths that do not exist, and guarantees without a mechanism or without a test of that very title.
 */
export const findProblems = (root) => {
  const files = markdownFiles(root);
  return [
    ...files.flatMap((file) => brokenLinks(root, file)),
    ...files.filter((file) => !isRecord(file)).flatMap((file) => missingPaths(root, file)),
    ...unprovenGuarantees(root),
  ];
};

const markdownFiles = (root, folder = '') =>
  readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return SKIPPED_FOLDERS.has(entry.name) ? [] : markdownFiles(root, path);
    return entry.name.endsWith('.md') ? [path] : [];
  });

const brokenLinks = (root, file) =>
  linksOf(read(root, file))
    .filter((link) => !/^[a-z][a-z0-9+.-]*:/i.test(link))
    .flatMap((link) => {
      const [path, anchor] = link.split('#');
      const target = path === '' ? file : relative('.', join(dirname(file), decodeURI(path)));
      if (!existsSync(join(root, target))) return [`${file}: the link ${link} leads nowhere`];
      const isDangling = anchor && target.endsWith('.md') && !anchorsOf(read(root, target)).includes(anchor);
      return isDangling ? [`${file}: ${target} has no heading #${anchor}`] : [];
    });

const missingPaths = (root, file) =>
  pathsIn(read(root, file))
    .filter((path) => !existsSync(join(root, path)))
    .map((path) => `${file}: \`${path}\` does not exist`);

const unprovenGuarantees = (root) => {
  if (!existsSync(join(root, GUARANTEES))) return [`${GUARANTEES} does not exist`];
  const rows = tableRows(read(root, GUARANTEES), GUARANTEES_HEADER);
  if (rows.length === 0) return [`${GUARANTEES}: no table with the columns ${GUARANTEES_HEADER.join(' | ')}`];
  return rows.flatMap(([promise, , mechanism = '', tests = '']) => {
    const unproved = tests.split(/<br\s*\/?>/).flatMap((test) => unproven(root, promise, test));
    const file = namedFile(mechanism);
    const isMechanismThere = file !== undefined && existsSync(join(root, file));
    return isMechanismThere
      ? unproved
      : [`${GUARANTEES}: "${promise}" names no existing file as its mechanism`, ...unproved];
  });
};

/** One entry of the last column: `path of the test` › title, or `path` › group › title. */
const unproven = (root, promise, test) => {
  const [place, ...titles] = test.split('›').map((part) => part.trim());
  const file = namedFile(place);
  if (!file || titles.length === 0) return [`${GUARANTEES}: "${promise}" names no test as \`file\` › title`];
  if (!existsSync(join(root, file))) return [`${GUARANTEES}: the test \`${file}\` does not exist`];
  const source = read(root, file);
  return titles
    .map((title) => title.replaceAll('`', ''))
    .filter((title) => !hasTitle(source, title))
    .map((title) => `${GUARANTEES}: ${file} has no test "${title}"`);
};

/** The path in a cell, whether it stands in backticks or is the target of a link from docs/. */
const namedFile = (cell) => {
  const link = /\]\(([^)#]+)/.exec(cell)?.[1];
  return link ? normalize(join('docs', link)) : /`([^`]+\/[^`]+)`/.exec(cell)?.[1];
};

/** A title is the first argument of a call; whatever quotes it stands in, and with its quotes escaped. */
const hasTitle = (source, title) =>
  ["'", '"', '`'].some((quote) => {
    const literal = quote + title.replaceAll(quote, `\\${quote}`) + quote;
    const pattern = literal.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
    return new RegExp(String.raw`\(\s*${pattern}\s*,`).test(source);
  });

const read = (root, file) => readFileSync(join(root, file), 'utf8');
