import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Pool } from 'pg';
import { eventually, freePort, LiftedLibrary, testDatabase, type TestDatabase } from '@once/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const library = fileURLToPath(new URL('..', import.meta.url));

/** What the application of the README imports itself, its database driver, and the types that its compiler asks for. */
const APPLICATION = ['@nestjs/platform-fastify', '@types/node', 'pg', 'reflect-metadata', 'typeorm', 'vitest'];

/** The library as npm packs it, beside the packages that it declares as its peers and nothing else of this repository. */
describe('the library, taken away', () => {
  let lifted: LiftedLibrary;
  let database: TestDatabase;
  let app: ChildProcess | undefined;

  beforeAll(async () => {
    lifted = await LiftedLibrary.pack(library, APPLICATION);
    database = await testDatabase();
  });
  afterAll(async () => {
    app?.kill();
    await database.close();
    await lifted.remove();
  });

  const count = async (pool: Pool, table: string): Promise<unknown> =>
    (await pool.query<{ count: number }>(`select count(*)::int from ${table}`)).rows[0]?.count;

  it('charges once under retries, in the application of its README', async () => {
    const port = await freePort();
    const env = { DATABASE_URL: database.url, PORT: String(port) };
    app = await lifted.start(join(library, 'test/examples/charges/main.ts'), env);
    const charge = (amount: number): Promise<Response> =>
      fetch(`http://127.0.0.1:${port}/charges`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': 'first' },
        body: JSON.stringify({ amount }),
      });
    const first = await eventually(() => charge(1200), { withinMs: 20_000 });
    const retries = await Promise.all(Array.from({ length: 20 }, () => charge(1200)));
    const bodies = await Promise.all([first, ...retries].map((answer) => answer.text()));
    expect(new Set(bodies).size).toBe(1);
    expect(
      retries.every(({ status, headers }) => status === 201 && headers.get('idempotent-replayed') === 'true'),
    ).toBe(true);
    const other = await charge(1300);
    expect(await other.json()).toMatchObject({ status: 422, type: '/problems/key-reused' });

    const pool = new Pool({ connectionString: database.url });
    expect([await count(pool, 'charge'), await count(pool, 'idempotency_record')]).toEqual([1, 1]);
    await pool.end();
  });

  it('declares its peers, in the versions that it was tested with', async () => {
    // Fails for what packages of others may lack; only our own part of the tree is asked about.
    const list = spawn('npm', ['ls', '--all', '--json'], {
      cwd: lifted.directory,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const tree = JSON.parse(await text(list.stdout)) as PackageTree;
    const { dependencies } = tree.dependencies['@once/idempotency'];
    expect(Object.keys(dependencies).toSorted()).toEqual(['@nestjs/common', '@nestjs/core', 'rxjs', 'typeorm']);
    for (const peer of Object.values(dependencies)) expect(peer).toEqual({ version: expect.any(String) });
  });

  it('needs neither Nest nor any other package, but for its Nest side', async () => {
    const bare = await mkdtemp(join(tmpdir(), 'once-core-'));
    await cp(join(lifted.directory, lifted.packed), join(bare, lifted.packed), { recursive: true });
    const program = `const { fingerprintOf } = await import('@once/idempotency/core'); console.log(fingerprintOf({}));`;
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program], { cwd: bare });
    await rm(bare, { recursive: true, force: true });
    expect(stdout).toMatch(/^v1:[0-9a-f]{64}\n$/);
  });

  it('brings the suites that a store of its new home must pass', async () => {
    const store = await readFile(join(library, 'test/in-memory-leases.ts'), 'utf8');
    const named = store
      .replaceAll('../src/index.js', '@once/idempotency')
      .replaceAll('../src/testing/index.js', '@once/idempotency/testing');
    await writeFile(join(lifted.directory, 'in-memory-leases.ts'), named);
    const suite = `import { leaseStoreContract } from '@once/idempotency/testing';
      import { InMemoryLeases } from './in-memory-leases.js';
      leaseStoreContract('a store of its own', () => Promise.resolve(new InMemoryLeases()));`;
    await writeFile(join(lifted.directory, 'leases.spec.ts'), suite);
    const vitest = join(lifted.directory, 'node_modules/vitest/vitest.mjs');
    const { stdout } = await run(process.execPath, [vitest, 'run', '--reporter=json', '--root', lifted.directory]);
    expect(JSON.parse(stdout)).toMatchObject({ success: true, numPassedTests: 12 });
  });

  it('shows that application in its README as it is', async () => {
    const readme = await readFile(join(library, 'README.md'), 'utf8');
    const source = await readFile(join(library, 'test/examples/charges/main.ts'), 'utf8');
    expect(readme).toContain(source);
  });
});

interface PackageTree {
  readonly dependencies: { readonly '@once/idempotency': { readonly dependencies: Readonly<Record<string, object>> } };
}
