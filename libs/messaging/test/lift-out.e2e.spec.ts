import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Pool } from 'pg';
import {
  eventually,
  freePort,
  LiftedLibrary,
  testDatabase,
  testVhost,
  type TestDatabase,
  type TestVhost,
} from '@once/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const library = fileURLToPath(new URL('..', import.meta.url));

/** What the application of the README imports itself, its database driver, and the types that its compiler asks for. */
const APPLICATION = ['@nestjs/core', '@nestjs/platform-fastify', '@types/node', 'pg', 'reflect-metadata', 'typeorm'];

/** The library as npm packs it, beside the packages that it declares as its peers and nothing else of this repository. */
describe('the library, taken away', () => {
  let lifted: LiftedLibrary;
  let database: TestDatabase;
  let vhost: TestVhost;
  let pool: Pool;
  let app: ChildProcess | undefined;

  beforeAll(async () => {
    lifted = await LiftedLibrary.pack(library, APPLICATION);
    [database, vhost] = await Promise.all([testDatabase(), testVhost()]);
    pool = new Pool({ connectionString: database.url });
  });
  afterAll(async () => {
    app?.kill('SIGKILL');
    await pool.end();
    await Promise.all([database.close(), vhost.close()]);
    await lifted.remove();
  });

  const count = async (table: string): Promise<number> =>
    (await pool.query<{ count: number }>(`select count(*)::int from ${table}`)).rows[0]?.count ?? -1;

  it('brings every message to its handler, and a refused one to the dead letters, in the application of its README', async () => {
    const port = await freePort();
    const env = { DATABASE_URL: database.url, AMQP_URL: vhost.amqpUrl, PORT: String(port) };
    app = await lifted.start(join(library, 'test/examples/parcels/main.ts'), env);
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
