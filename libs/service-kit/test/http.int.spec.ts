import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { eventually } from '@once/testing';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { fetch } from 'undici';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listenHttp } from '../src/http/listen-http.js';
import { createSampleApp, Gate } from './sample-app.js';

describe('an HTTP app on a socket', () => {
  let app: NestFastifyApplication;
  let url: string;

  beforeEach(async () => {
    app = await createSampleApp();
    url = await listenHttp(app, { host: '127.0.0.1', port: 0 });
  });
  afterEach(async () => {
    await app.close();
  });

  /** Sends bytes as they are and reads until the server hangs up. */
  async function send(bytes: string): Promise<{ head: string; body: string }> {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    await once(socket, 'connect');
    socket.write(bytes);
    const [head = '', body = ''] = (await text(socket)).split('\r\n\r\n');
    return { head, body };
  }

  it.each([
    ['no HTTP at all', 'GARBAGE\r\n\r\n'],
    ['two lengths', 'POST /mugs HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}'],
    [
      'a length and chunks',
      'POST /mugs HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}',
    ],
    ['a control character in a header', 'GET / HTTP/1.1\r\nHost: x\r\nIdempotency-Key: a\u0000b\r\n\r\n'],
    ['no host', 'GET /health/live HTTP/1.1\r\nConnection: close\r\n\r\n'],
  ])('answers %s with 400, as a problem', async (_case, bytes) => {
    const { head, body } = await send(bytes);
    expect(head).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(head.toLowerCase()).toContain('content-type: application/problem+json');
    expect(JSON.parse(body)).toMatchObject({ type: '/problems/invalid-request', status: 400 });
  });

  it('answers oversized headers with 431, as a problem', async () => {
    const { head, body } = await send(`GET / HTTP/1.1\r\nHost: x\r\nIdempotency-Key: ${'k'.repeat(20_000)}\r\n\r\n`);
    expect(head).toMatch(/^HTTP\/1\.1 431 /);
    expect(JSON.parse(body)).toMatchObject({ type: 'about:blank', status: 431 });
  });

  it('finishes a request whose client has hung up', async () => {
    const gate = app.get(Gate);
    const impatient = request(`${url}/slow`).end();
    // The reset this client gives itself is of no interest.
    impatient.on('error', () => undefined);
    await eventually(() => expect(gate.visitors).toBe(1));
    impatient.destroy();
    gate.open();
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
  });

  it('answers what is in flight when it ends, and ends then, not after the keep-alive time', async () => {
    const gate = app.get(Gate);
    const inFlight = fetch(`${url}/slow`);
    await eventually(() => expect(gate.visitors).toBe(1));
    const closing = app.close();
    await eventually(async () => expect(await isListening()).toBe(false));
    gate.open();
    const answer = await inFlight;
    expect(answer.status).toBe(200);
    expect(answer.headers.get('connection')).toBe('close');
    await closing;
  }, 10_000);

  it('tells those who come while it ends to come back, as a problem', async () => {
    const gate = app.get(Gate);
    gate.holdsShutdown = true;
    const closing = app.close();
    await eventually(() => expect(gate.visitors).toBe(1));
    const late = await fetch(`${url}/mugs`, { method: 'POST', headers: { 'idempotency-key': 'k' } });
    expect(late.status).toBe(503);
    expect(late.headers.get('content-type')).toBe('application/problem+json');
    expect(late.headers.get('retry-after')).toBe('1');
    expect(await late.json()).toMatchObject({ type: '/problems/unavailable', operationState: 'unknown' });
    gate.holdsShutdown = false;
    gate.open();
    await closing;
  });

  const isListening = (): Promise<boolean> =>
    new Promise((resolve) => {
      const socket = connect(Number(new URL(url).port), '127.0.0.1');
      socket.on('connect', () => resolve(true));
      socket.on('error', () => resolve(false));
      socket.on('close', () => socket.destroy());
    });
});
