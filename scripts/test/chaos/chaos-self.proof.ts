/** What a chaos run is worth: it turns red when money moves twice, and is no proof when nothing could go wrong. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from '@once/testing';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';

const CHAOS = fileURLToPath(new URL('../../chaos.mjs', import.meta.url));

/** Nothing breaks: what is seen is the judgement alone. */
const RUN = ['--seed', '5', '--duration', '20s', '--rate', '8', '--faults', 'none', '--within', '60s'];
const STARTED_WITHIN_MS = 240_000;

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'once-chaos-self-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

describe('a chaos run', () => {
  it('is broken when a second capture is written into the ledger while it runs', async () => {
    const run = startRun();
    await eventually(writeSecondCapture, { withinMs: STARTED_WITHIN_MS, everyMs: 500 });

    expect(await run).toBe(1);
    expect(report().broken).toContain('no-double-charge');
  });

  it('is invalid when the provider declines everything', async () => {
    const provider = await startDecliningProvider();

    expect(await startRun({ PAYMENT_PROVIDER_URL: provider })).toBe(2);
    expect(report()).toMatchObject({ verdict: 'invalid', broken: [] });
    expect(report().invalid.join()).toMatch(/confirmed: 0, but \d+ are needed/);
  });
});

/** Resolves with the exit code. */
async function startRun(env: Readonly<Record<string, string>> = {}): Promise<number | null> {
  const child = spawn(process.execPath, [CHAOS, ...RUN, '--out', directory], {
    env: { ...process.env, ...env },
    stdio: 'inherit',
  });
  onTestFinished(async () => {
    if (child.exitCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  });
  await once(child, 'exit');
  return child.exitCode;
}

function report(): { verdict: string; broken: string[]; invalid: string[] } {
  return JSON.parse(readFileSync(join(directory, 'report.json'), 'utf8')) as ReturnType<typeof report>;
}

function portOf(name: string): number {
  const file = join(directory, 'stack/processes.json');
  const processes = existsSync(file)
    ? (JSON.parse(readFileSync(file, 'utf8')) as { name: string; port: number }[])
    : [];
  const found = processes.find((entry) => entry.name === name);
  if (found === undefined) throw new Error(`${name} does not run yet`);
  return found.port;
}

/** Far behind what the sandbox itself will write, so that its numbers and ours never meet. */
async function writeSecondCapture(): Promise<void> {
  const client = new Client(`postgres://once:once@127.0.0.1:${portOf('postgres')}/once_sandbox`);
  await client.connect();
  try {
    const { rowCount } = await client.query(
      `insert into ledger_entry (seq, at, kind, order_id, payment_intent, amount, currency, idempotency_key)
       select seq + 1000000000, now(), kind, order_id, payment_intent, amount, currency, 'by hand'
         from ledger_entry where kind = 'capture' limit 1`,
    );
    if (rowCount === 0) throw new Error('nothing was captured yet');
  } finally {
    await client.end();
  }
}

/** The sandbox, except that every card is declined. */
async function startDecliningProvider(): Promise<string> {
  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const path = request.url ?? '/';
  if (path.endsWith('/confirm')) {
    const error = { type: 'card_error', code: 'card_declined', message: 'Your card was declined.' };
    response.writeHead(402, { 'content-type': 'application/json' }).end(JSON.stringify({ error }));
    return;
  }
  const headers = Object.entries(request.headers).filter(([name]) => !NOT_PASSED_ON.has(name));
  const real = await fetch(`http://127.0.0.1:${portOf('sandbox')}${path}`, {
    method: request.method ?? 'GET',
    headers: Object.fromEntries(headers) as Record<string, string>,
    ...(chunks.length === 0 ? {} : { body: Buffer.concat(chunks) }),
  });
  response.writeHead(real.status, { 'content-type': 'application/json' }).end(await real.text());
}

/** Headers that belong to one connection. */
const NOT_PASSED_ON = new Set(['host', 'connection', 'content-length', 'transfer-encoding', 'keep-alive']);
