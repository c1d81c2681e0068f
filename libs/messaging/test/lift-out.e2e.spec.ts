import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Pool } from 'pg';
import { eventually, freePort, testDatabase, testVhost, type TestDatabase, type TestVhost } from '@once/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const library = fileURLToPath(new URL('..', import.meta.url));
const modules = join(library, '..', '..', 'node_modules');

/** What the application of the README imports itself, its database driver, and the types that its compiler asks for. */
const APPLICATION = ['@nestjs/core', '@nestjs/platform-fastify', '@types/node', 'pg', 'reflect-metadata', 'typeorm'];

/** The library as npm packs it, beside the packages that it declares as its peers and nothing else of this repository. */
describe('the library, taken away', () => {
  let directory: string;
  let database: TestDatabase;
  let vhost: TestVhost;
  let pool: Pool;
  let app: ChildProcess | undefined;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'once-lift-'));
    [database, vhost] = await Promise.all([testDatabase(), testVhost()]);
    pool = new Pool({ connectionString: database.url });
    const { stdout } = await run('npm', ['pack', '--silent', '--pack-destination', directory], { cwd: library });
    const packed = join('node_modules', '@once', 'messaging');
    await mkdir(join(directory, packed), { recursive: true });
    await run('tar', ['-xzf', stdout.trim(), '--strip-components=1', '-C', packed], { cwd: directory });
    const manifest = JSON.parse(await readFile(join(directory, packed, 'package.json'), 'utf8')) as Manifest;
    for (const name of new Set([...Object.keys(manifest.peerDependencies), ...APPLICATION])) {
      await mkdir(dirname(join(directory, 'node_modules', name)), { recursive: true });
      await symlink(join(modules, name), join(directory, 'node_modules', name));
    }
    await writeFile(join(directory, 'package.json'), JSON.stringify({ type: 'module' }));
  });
  afterAll(async () => {
    app?.kill('SIGKILL');
    await pool.end();
    await Promise.all([database.close(), vhost.close()]);
    await rm(directory, { recursive: true, force: true });
  });

  const count = async (table: string): Promise<number> =>
    (await pool.query<{ count: number }>(`select count(*)::int from ${table}`)).rows[0]?.count ?? -1;

  it('brings every message to its handler, and a refused one to the dead letters, in the application of its README', async () => {
    await cp(join(library, 'test/examples/parcels/main.ts'), join(directory, 'main.ts'));
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
    await writeFile(join(directory, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['main.ts'] }));
    await run(process.execPath, [join(modules, '.bin', 'tsc'), '-p', directory]);

    const port = await freePort();
    const env = { ...process.env, DATABASE_URL: database.url, AMQP_URL: vhost.amqpUrl, PORT: String(port) };
    app = spawn(process.execPath, ['dist/main.js'], { cwd: directory, env, stdio: 'ignore' });
    const place = (article: string): Promise<Response> =>
      fetch(`http://127.0.0.1:${port}/orders`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ article }),
      });
    await eventually(() => place('book'), { withinMs: 60_000 });
    await Promise.all([...Array.from({ length: 20 }, () => place('book')), place('anvil')]);

    await eventually(
      async () => {
        expect(await count('parcel')).toBe(21);
        expect(await count('failed_delivery where dead_lettered_at is not null')).toBe(1);
        expect(await count('outbox_message')).toBe(0);
      },
      { withinMs: 30_000 },
    );
  });

  it('ends orderly when it is told to', async () => {
    expect(app?.exitCode).toBeNull();
    app?.kill('SIGTERM');
    expect(app === undefined ? null : await once(app, 'exit')).toEqual([0, null]);
  });

  it('shows that application in its README as it is', async () => {
    const readme = await readFile(join(library, 'README.md'), 'utf8');
    const source = await readFile(join(library, 'test/examples/parcels/main.ts'), 'utf8');
    expect(readme).toContain(source);
  });
});

interface Manifest {
  readonly peerDependencies: Readonly<Record<string, string>>;
}
