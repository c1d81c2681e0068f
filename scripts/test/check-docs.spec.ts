import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { anchorsOf, linksOf, pathsIn, tableRows } from '../docs/markdown.mjs';
import { findProblems } from '../docs/problems.mjs';

const header = '| Promise | Failure survived | Mechanism (file) | Test (file › title) |\n|---|---|---|---|\n';
const proven = '| one capture | a lost reply | `libs/a.ts` | `libs/a.spec.ts` › captures › once only |\n';
const sound = {
  'docs/guarantees.md': header + proven,
  'libs/a.ts': '',
  'libs/a.spec.ts': "describe('captures', () => {\n  it(\n    'once only',\n    () => {},\n  );\n});\n",
};

function problemsOf(files: Readonly<Record<string, string>>): string[] {
  const root = mkdtempSync(join(tmpdir(), 'check-docs-'));
  try {
    for (const [file, content] of Object.entries(files)) {
      mkdirSync(dirname(join(root, file)), { recursive: true });
      writeFileSync(join(root, file), content);
    }
    return findProblems(root);
  } finally {
    rmSync(root, { recursive: true });
  }
}

describe('documentation check', () => {
  it('finds nothing to say when every link, path and test exists', () => {
    const readme = '# A b\n[a](docs/guarantees.md) [here](#a-b) [out](https://example.org/x) `libs/a.ts` `libs/*/src`';
    expect(problemsOf({ ...sound, 'README.md': readme })).toEqual([]);
  });

  it('reports a link that leads nowhere', () => {
    expect(problemsOf({ ...sound, 'docs/more.md': '[a](../libs/b.ts)' })).toEqual([
      'docs/more.md: the link ../libs/b.ts leads nowhere',
    ]);
  });

  it('reports an anchor without its heading', () => {
    expect(problemsOf({ ...sound, 'README.md': '# Run\n[a](#walk)' })).toEqual([
      'README.md: README.md has no heading #walk',
    ]);
  });

  it('reports a path in backticks that does not exist, except in a decision record', () => {
    expect(problemsOf({ ...sound, 'README.md': '`libs/gone.ts`', 'docs/adr/0001-a.md': '`libs/gone.ts`' })).toEqual([
      'README.md: `libs/gone.ts` does not exist',
    ]);
  });

  it('reports a guarantee whose test has another title', () => {
    const renamed = sound['libs/a.spec.ts'].replace('once only', 'twice');
    expect(problemsOf({ ...sound, 'libs/a.spec.ts': renamed })).toEqual([
      'docs/guarantees.md: libs/a.spec.ts has no test "once only"',
    ]);
  });

  it('does not take a title in a comment for a test', () => {
    const commented = "describe('captures', () => {});\n// once only\nconst title = 'once only';\n";
    expect(problemsOf({ ...sound, 'libs/a.spec.ts': commented })).toEqual([
      'docs/guarantees.md: libs/a.spec.ts has no test "once only"',
    ]);
  });

  it('reports a guarantee whose test file is missing', () => {
    const { 'libs/a.spec.ts': _removed, ...rest } = sound;
    expect(problemsOf(rest)).toContain('docs/guarantees.md: the test `libs/a.spec.ts` does not exist');
  });

  it('reports a guarantee without a mechanism or without a test', () => {
    const hollow = '| no loss | a crash | the outbox | see above |\n| no twin | a retry | `lib/gone.ts` |\n';
    expect(problemsOf({ ...sound, 'docs/guarantees.md': header + proven + hollow })).toEqual([
      'docs/guarantees.md: "no loss" names no existing file as its mechanism',
      'docs/guarantees.md: "no loss" names no test as `file` › title',
      'docs/guarantees.md: "no twin" names no existing file as its mechanism',
      'docs/guarantees.md: "no twin" names no test as `file` › title',
    ]);
  });

  it('reports that there are no guarantees', () => {
    expect(problemsOf({ 'docs/guarantees.md': '# Guarantees' })).toEqual([
      'docs/guarantees.md: no table with the columns Promise | Failure survived | Mechanism | Test',
    ]);
    expect(problemsOf({ 'README.md': '' })).toEqual(['docs/guarantees.md does not exist']);
  });
});

describe('reading markdown', () => {
  it('takes no link and no heading from code', () => {
    const markdown =
      '# Real\n```sh\n# not a heading\n[no](no.md)\n```\n`[no](no.md)` [yes](yes.md "title")\n[ref]: ref.md';
    expect(linksOf(markdown)).toEqual(['yes.md', 'ref.md']);
    expect(anchorsOf(markdown)).toEqual(['real']);
  });

  it('names anchors as GitHub does', () => {
    expect(anchorsOf('# `npm start`, then?\n## Two  words\n## Two  words\n## [Link](x.md) – dash')).toEqual([
      'npm-start-then',
      'two--words',
      'two--words-1',
      'link--dash',
    ]);
  });

  it('takes for a path only what names one thing of this repository', () => {
    expect(pathsIn('`libs/a.ts` `node:fs` `libs/*/src` `services/<name>` `docs/`')).toEqual(['libs/a.ts', 'docs/']);
  });

  it('reads the rows of the table asked for, with escaped bars', () => {
    const markdown = '| A | B |\n|---|:-:|\n| 1 | x \\| y |\n\n| C | D |\n|---|---|\n| 2 | z |\n';
    expect(tableRows(markdown, ['A', 'B'])).toEqual([['1', 'x | y']]);
  });
});
