import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';

const script = fileURLToPath(new URL('../audit-dependencies.mjs', import.meta.url));

/** A package that production runs. */
const PACKAGE = 'nodemailer';

it.each([
  ['critical', 1, `✗ critical: ${PACKAGE}`],
  ['high', 1, `✗ high: ${PACKAGE}`],
  ['moderate', 0, '✓ no package that production runs'],
])('ends a known hole of %s severity with %i', async (severity, code, line) => {
  const registry = await registryWith({ [PACKAGE]: [{ ...HOLE, severity }] });
  expect(await audit(registry)).toMatchObject({ code, printed: expect.stringContaining(line) as string });
});

it('says that it judges nothing where the registry does not answer audits', async () => {
  expect(await audit(await registryWith(null))).toMatchObject({
    code: 0,
    printed: expect.stringContaining('not judged: the registry does not answer audits') as string,
  });
});

const HOLE = { id: 1, url: 'https://example.com/hole', title: 'a hole', vulnerable_versions: '>=0', cwe: [], cvss: {} };

/** A registry that knows these holes, or has no such service. */
async function registryWith(advisories: object | null): Promise<string> {
  const server = createServer((request, response) => {
    const isAudit = request.method === 'POST' && request.url?.endsWith('/security/advisories/bulk') === true;
    const body = isAudit
      ? advisories
      : { name: decodeURIComponent(request.url?.slice(1) ?? ''), 'dist-tags': {}, versions: {} };
    if (request.method === 'POST' && (!isAudit || body === null)) return void response.writeHead(405).end();
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

async function audit(registry: string): Promise<{ code: number | null; printed: string }> {
  // npm remembers what it was told about a hole.
  const cache = await mkdtemp(join(tmpdir(), 'once-npm-'));
  onTestFinished(() => rm(cache, { recursive: true }));
  const child = spawn(process.execPath, [script], {
    env: { ...process.env, npm_config_registry: registry, npm_config_cache: cache },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { code: child.exitCode, printed: stdout + stderr };
}
