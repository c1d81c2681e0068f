import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';

const run = promisify(execFile);

const Manifest = z.object({ name: z.string(), peerDependencies: z.record(z.string(), z.string()) });

/**
 * A library as npm packs and installs it, in a directory of its own: beside the packages that it declares as its peers, those that an
 * application of it names, and nothing else of this repository. What its manifest forgets is missing here.
 */
export class LiftedLibrary {
  private constructor(
    readonly directory: string,
    /** Where the library itself is, from `directory`. */
    readonly packed: string,
    private readonly modules: string,
  ) {}

  /** `packages`: what the application imports itself, its drivers, and the types that its compiler asks for. */
  static async pack(library: string, packages: readonly string[]): Promise<LiftedLibrary> {
    const directory = await mkdtemp(join(tmpdir(), 'once-lift-'));
    const { name, peerDependencies } = Manifest.parse(
      JSON.parse(await readFile(join(library, 'package.json'), 'utf8')),
    );
    const { stdout } = await run('npm', ['pack', '--silent', '--pack-destination', directory], { cwd: library });
    await writeFile(join(directory, 'package.json'), JSON.stringify({ type: 'module' }));
    // Its peers come from here and not from the registry, so that nobody needs a network to test.
    await run('npm', ['install', '--offline', '--legacy-peer-deps', stdout.trim()], { cwd: directory });
    const packed = join('node_modules', name);

    const modules = join(library, '..', '..', 'node_modules');
    const installed = [...new Set([...Object.keys(peerDependencies), ...packages])];
    for (const dependency of installed) {
      const place = join(directory, 'node_modules', dependency);
      await mkdir(dirname(place), { recursive: true });
      await symlink(join(modules, dependency), place);
    }
    const dependencies = Object.fromEntries([...installed, name].map((dependency) => [dependency, '*']));
    await writeFile(join(directory, 'package.json'), JSON.stringify({ type: 'module', dependencies }));
    return new LiftedLibrary(directory, packed, modules);
  }

  /** Compiles an application of one file, and starts it. */
  async start(main: string, env: Readonly<Record<string, string>>): Promise<ChildProcess> {
    const { directory } = this;
    await cp(main, join(directory, 'main.ts'));
    await writeFile(join(directory, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['main.ts'] }));
    await run(process.execPath, [join(this.modules, '.bin', 'tsc'), '-p', directory]);
    return spawn(process.execPath, ['dist/main.js'], {
      cwd: directory,
      env: { ...process.env, ...env },
      stdio: 'ignore',
    });
  }

  async remove(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** What a strict Nest application is compiled with. */
const compilerOptions = {
  target: 'es2023',
  module: 'nodenext',
  types: ['node'],
  strict: true,
  skipLibCheck: true,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
  outDir: 'dist',
};
