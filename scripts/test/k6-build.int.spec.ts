import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { buildK6, findGo } from '../lib/k6-build.mjs';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'once-k6-test-'));
  vi.stubEnv('PATH', '/bin:/usr/bin');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(directory, { recursive: true, force: true });
});

/** Says its version, and builds a file that holds the module file which it was asked to build by. */
async function installGo(version: string): Promise<string> {
  const go = join(directory, 'go');
  await writeFile(go, `#!/bin/sh\nif [ "$1" = env ]; then echo ${version}; else cp go.mod "$4"; fi\n`);
  await chmod(go, 0o755);
  return go;
}

describe('a Go that can build k6', () => {
  it.each(['go1.25.0', 'go1.26.2', 'go2.0'])('is %s', async (version) => {
    vi.stubEnv('PATH', `${directory}:/bin:/usr/bin`);
    const go = await installGo(version);
    expect(await findGo([])).toBe(go);
  });

  it.each(['go1.24.9', 'go1.9', 'devel'])('is not %s', async (version) => {
    vi.stubEnv('PATH', `${directory}:/bin:/usr/bin`);
    await installGo(version);
    expect(await findGo([])).toBeUndefined();
  });
});

describe('building k6', () => {
  it('requires its module by version and leaves the program where it is looked for', async () => {
    const built = await buildK6(await installGo('go1.25.0'), join(directory, 'bin'));

    expect(built).toBe(join(directory, 'bin/k6'));
    expect(await readFile(built, 'utf8')).toContain('require go.k6.io/k6/v2 v2.2.0');
  });
});
