import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const library = fileURLToPath(new URL('..', import.meta.url));
const read = (file: string): string => readFileSync(join(library, file), 'utf8');

/** Rows of the README's table: | section | sentence | [file](path) › title<br>… | */
const rows = [...read('README.md').matchAll(/^\| (\d[\d., ]*) \| (.+?) \| (.+) \|$/gm)].map(
  ([, sections = '', sentence = '', tests = '']) => ({
    sections: sections.split(', '),
    sentence,
    tests: [...tests.matchAll(/\]\((\S+)\) › (.+?)(?=<br>|$)/g)].map(([, file = '', title = '']) => ({ file, title })),
  }),
);

describe('the Idempotency-Key draft', () => {
  it('has its normative sections in the table of the README', () => {
    const named = new Set(rows.flatMap(({ sections }) => sections));
    expect([...named].toSorted()).toEqual(['1', '2.1', '2.2', '2.3', '2.4', '2.5.1', '2.5.2', '2.6', '2.7', '5']);
  });

  it.each(rows)('§$sections: "$sentence" has tests that carry its section', ({ sections, tests }) => {
    expect(tests).not.toEqual([]);
    for (const { file, title } of tests) expect(read(file).includes(`'${title}',`), `${file} › ${title}`).toBe(true);
    const named = tests.map(({ title }) => title).join(' ');
    for (const section of sections) expect(named).toContain(`§${section}`);
  });
});
