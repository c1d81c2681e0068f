import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventually, FaultProxy } from '../../src/index.js';

describe('the fault proxy before a web server', () => {
  let server: Server;
  let proxy: FaultProxy;
  const served: string[] = [];

  beforeAll(async () => {
    server = createServer((request: IncomingMessage, response) => {
      void text(request).then((body) => {
        served.push(`${request.method} ${request.url} ${body.length}`);
        response.end('x'.repeat(100_000));
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  beforeEach(async () => {
    served.length = 0;
    proxy = await FaultProxy.before(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  });
  afterEach(() => proxy.close());
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  const post = (path: string): Promise<number | 'lost'> =>
    fetch(proxy.url + path, { method: 'POST', body: 'y'.repeat(100_000) }).then(
      async (response) => (await response.text()).length,
      () => 'lost',
    );

  it('cuts before a request: it was not made', async () => {
    proxy.arm({ moment: 'before', event: 'request', nth: 2, action: { kind: 'cut' } });
    expect([await post('/a'), await post('/b')]).toEqual([100_000, 'lost']);
    expect(served).toEqual(['POST /a 100000']);
  });

  it.each([
    ['after', 'request'],
    ['before', 'response'],
  ] as const)('cuts %s a %s: it was made, and nobody heard', async (moment, event) => {
    proxy.arm({ moment, event, where: ({ detail }) => detail.includes('/b'), action: { kind: 'cut' } });
    expect([await post('/a'), await post('/b')]).toEqual([100_000, 'lost']);
    await eventually(() => expect(served).toEqual(['POST /a 100000', 'POST /b 100000']));
  });

  it('kills a process by its id, and nothing that it has said passes', async () => {
    const script = `await fetch('${proxy.url}/last-words', { method: 'POST', body: 'x' })`;
    const client = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'ignore' });
    const exited = once(client, 'exit');
    proxy.arm({ moment: 'before', event: 'request', action: { kind: 'kill', victim: client.pid ?? 0 } });
    expect(await exited).toEqual([null, 'SIGKILL']);
    expect(served).toEqual([]);
  });

  it('delays a response', async () => {
    proxy.arm({ moment: 'before', event: 'response', action: { kind: 'delay', ms: 300 } });
    const startedMs = performance.now();
    expect(await post('/a')).toBe(100_000);
    expect(performance.now() - startedMs).toBeGreaterThan(290);
  });

  it('slows the whole link down, and stops doing so', async () => {
    proxy.slow({ delayMs: 20, bytesPerSecond: 400_000 });
    const startedMs = performance.now();
    expect(await post('/a')).toBe(100_000);
    expect(performance.now() - startedMs).toBeGreaterThan(450);
    proxy.slow({});
    expect(await post('/b')).toBe(100_000);
  });

  it('tells what passed, in order', async () => {
    const stop = proxy.record();
    await post('/a');
    const passed = stop();
    await post('/b');
    expect(passed.map(({ kind, detail }) => [kind, detail])).toEqual([
      ['request', 'POST /a'],
      ['response', 'POST /a 200'],
    ]);
  });
});
