import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Edit } from './edits/edit.js';

const repository = fileURLToPath(new URL('../../../..', import.meta.url));
const library = join('libs', 'idempotency');

/** A copy of the libraries' sources and tests, in which a test run sees an edit and nobody else does. */
export class SourceCopy {
  private constructor(private readonly directory: string) {}

  static async make(): Promise<SourceCopy> {
    const directory = await mkdtemp(join(tmpdir(), 'once-edits-'));
    const isSource = (path: string): boolean => !/[/\\](dist|node_modules)([/\\]|$)|\.tsbuildinfo$/.test(path);
    for (const part of ['libs', 'scripts', 'package.json', 'vitest.config.ts']) {
      await cp(join(repository, part), join(directory, part), { recursive: true, filter: isSource });
    }
    await symlink(join(repository, 'node_modules'), join(directory, 'node_modules'));
    // Without its references, which lead to workspaces that are not copied; the tests have decorators too.
    const tsconfig = JSON.parse(await readFile(join(repository, 'tsconfig.json'), 'utf8')) as object;
    const own = { ...tsconfig, references: [], files: undefined, include: ['libs'] };
    await writeFile(join(directory, 'tsconfig.json'), JSON.stringify(own));
    return new SourceCopy(directory);
  }

  /** What became of the edit's test while the edit is in place. */
  async resultWith(edit: Edit): Promise<string | undefined> {
    const path = join(this.directory, library, edit.file);
    const source = await readFile(path, 'utf8');
    const occurrences = source.split(edit.find).length - 1;
    if (occurrences !== 1) throw new Error(`${edit.file} has ${occurrences} places to edit, not one: ${edit.find}`);
    await writeFile(
      path,
      source.replace(edit.find, () => edit.replace),
    );
    try {
      return (await this.results([edit.spec], edit.test)).get(edit.test);
    } finally {
      await writeFile(path, source);
    }
  }

  /** The results of the tests in these files, by title; with a title, of that test only. */
  async results(specs: readonly string[], title?: string): Promise<ReadonlyMap<string, string>> {
    const report = join(this.directory, 'report.json');
    await rm(report, { force: true });
    const only = title === undefined ? [] : ['-t', title.replaceAll(/[^\w ]/g, '.')];
    const files = specs.map((spec) => join(library, spec));
    const vitest = spawn(
      process.execPath,
      ['node_modules/vitest/vitest.mjs', 'run', '--reporter=json', `--outputFile=${report}`, ...only, ...files],
      { cwd: this.directory, stdio: 'ignore' },
    );
    await once(vitest, 'exit');
    const { testResults } = JSON.parse(await readFile(report, 'utf8')) as Report;
    const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
    return new Map(tests.filter(({ status }) => status !== 'skipped').map((test) => [test.title, test.status]));
  }

  remove(): Promise<void> {
    return rm(this.directory, { recursive: true, force: true });
  }
}

interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly title: string; readonly status: string }[];
  }[];
}
