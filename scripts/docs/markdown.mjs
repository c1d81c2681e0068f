/** Reads from markdown what can be checked: links, anchors, paths in backticks, rows of tables. */

const FENCE = /^( *)(```+|~~~+)[^\n]*\n[\s\S]*?^\1\2[ \t]*$/gm;
const INLINE_CODE = /(`+)(?:(?!\1)[\s\S])+?\1/g;
const LINK = /!?\[(?:[^\][]|\[[^\]]*\])*\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g;
const REFERENCE = /^ {0,3}\[[^\]]+\]:\s+<?(\S+?)>?\s*$/gm;

/** Blanked rather than cut, so that what is left keeps its place. */
const blank = (text) => text.replaceAll(/[^\n]/g, ' ');
const withoutFences = (markdown) => markdown.replaceAll(FENCE, blank);

/** Targets of links and images, in order; what stands in code is an example and no link. */
export const linksOf = (markdown) => {
  const prose = withoutFences(markdown).replaceAll(INLINE_CODE, blank);
  return [...prose.matchAll(LINK), ...prose.matchAll(REFERENCE)].map((match) => match[1]);
};

/** The anchors that GitHub gives to the headings: lower case, punctuation dropped, repeats numbered. */
export const anchorsOf = (markdown) => {
  const seen = new Map();
  return [...withoutFences(markdown).matchAll(/^#{1,6}\s+(.+?)\s*#*$/gm)].map(([, heading]) => {
    const slug = heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/g, '-');
    const count = seen.get(slug) ?? 0;
    seen.set(slug, count + 1);
    return count === 0 ? slug : `${slug}-${count}`;
  });
};

/** What backticks call a path of this repository: it starts at a top-level folder and has no placeholder in it. */
export const pathsIn = (markdown) =>
  [...withoutFences(markdown).matchAll(/`((?:libs|services|scripts|docs|load-tests)\/[^`\s]*)`/g)]
    .map((match) => match[1])
    .filter((path) => !/[*<>{}…]/.test(path));

/** Rows of every table whose header has these words, in this order; each row is its cells. */
export const tableRows = (markdown, header) => {
  const rows = [];
  let isInside = false;
  for (const line of withoutFences(markdown).split('\n')) {
    const cells = cellsOf(line);
    if (cells === undefined) isInside = false;
    else if (header.every((word, index) => cells[index]?.startsWith(word))) isInside = true;
    else if (isInside && !cells.every((cell) => /^:?-+:?$/.test(cell))) rows.push(cells);
  }
  return rows;
};

const cellsOf = (line) => {
  const row = /^\s*\|(.*)\|\s*$/.exec(line);
  return row?.[1].split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll(String.raw`\|`, '|'));
};
