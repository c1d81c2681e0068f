import type { LoggerService } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSampleApp } from '../../test/sample-app.js';
import { HealthRegistry } from '../health/health-registry.js';

const json = { 'content-type': 'application/json' };

describe('an HTTP app', () => {
  let app: NestFastifyApplication;

  beforeAll(async () => {
    app = await createSampleApp();
    await app.init();
    await app.getHttpAdapter().getInstance().ready();
  });
  afterAll(async () => {
    await app.close();
  });

  const post = (url: string, payload: string | Buffer, headers: Record<string, string> = json) =>
    app.inject({ method: 'POST', url, payload, headers });

  it('answers a good request with what keeps browsers from making something else of it', async () => {
    const answer = await post('/mugs', '{"colour":"red","size":2}');
    expect(answer.statusCode).toBe(202);
    expect(answer.json()).toEqual({ colour: 'red', size: 2 });
    expect(answer.headers).toMatchObject({
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    });
  });

  it('lets a page run what its own service serves, and nothing else', async () => {
    const page = await app.inject({ method: 'GET', url: '/problems' });
    expect(page.headers['content-security-policy']).toMatch(/^default-src 'self'; (?!.*script-src)/);
  });

  it.each(['/mugs', '/mugs/declared'])('names every wrong field of a body sent to %s', async (url) => {
    const answer = await post(url, '{"size":0,"note":"x"}', { ...json, 'idempotency-key': 'k' });
    expect(answer.statusCode).toBe(400);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(answer.json()).toMatchObject({
      type: '/problems/invalid-request',
      title: 'Invalid request',
      status: 400,
      instance: url,
      errors: [{ field: 'colour' }, { field: 'size' }, { field: 'note' }],
      operationState: 'none',
      safeNewKey: true,
    });
  });

  it.each([
    ['broken JSON', '{"colour":', json, 400, 'invalid-request'],
    ['an empty body that claims to be JSON', '', json, 400, 'invalid-request'],
    ['a poisoned prototype', '{"__proto__":{"x":1}}', json, 400, 'invalid-request'],
    ['a form', 'colour=red', { 'content-type': 'application/x-www-form-urlencoded' }, 415, 'unsupported-media-type'],
    ['plain text', 'red', { 'content-type': 'text/plain' }, 415, 'unsupported-media-type'],
    ['a body without a type', 'red', {}, 415, 'unsupported-media-type'],
    ['a body that is too large', `{"colour":"${'x'.repeat(65_536)}"}`, json, 413, 'payload-too-large'],
  ])('answers %s with a problem', async (_case, payload, headers, status, slug) => {
    const answer = await post('/mugs', payload, { ...headers, 'idempotency-key': 'k' });
    expect(answer.statusCode).toBe(status);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(answer.json()).toMatchObject({
      type: `/problems/${slug}`,
      status,
      operationState: 'none',
      safeNewKey: true,
    });
  });

  it.each(['/nothing', '/mugs/1/2', '/problems/unheard-of'])('does not find %s', async (url) => {
    const answer = await app.inject({ url: `${url}?secret=1` });
    expect(answer.statusCode).toBe(404);
    expect(answer.json()).toMatchObject({ type: '/problems/not-found', instance: url });
  });

  it('answers a path that cannot be decoded', async () => {
    const answer = await app.inject({ url: '/%zz' });
    expect(answer.statusCode).toBe(400);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(answer.json()).toMatchObject({ type: '/problems/invalid-request', instance: '/%zz' });
  });

  it('gives a handler the exact bytes', async () => {
    expect((await post('/raw', '{ "a" : 1 }')).json()).toEqual({ bytes: 11 });
  });

  it('takes the body limit of the route', async () => {
    const large = JSON.stringify('x'.repeat(200_000));
    expect((await post('/large', large)).json()).toEqual({ bytes: 200_002 });
    expect((await post('/small', JSON.stringify('x'.repeat(20)))).statusCode).toBe(413);
  });

  it('knows who asks', async () => {
    const ask = (url: string, authorization?: string) =>
      app.inject({ url, headers: authorization === undefined ? {} : { authorization } });
    expect((await ask('/mine', 'Bearer sk_demo')).json()).toEqual({ account: 'demo' });
    const unknown = await ask('/mine');
    expect(unknown.statusCode).toBe(401);
    expect(unknown.headers['www-authenticate']).toBe('Bearer');
    expect(unknown.json()).toMatchObject({ type: '/problems/unauthorised' });
    expect((await ask('/mine', 'Bearer op_demo')).statusCode).toBe(403);
    expect((await ask('/operator/only', 'Bearer op_demo')).statusCode).toBe(200);
    expect((await ask('/operator/only', 'Bearer sk_demo')).json()).toMatchObject({ type: '/problems/forbidden' });
    expect((await ask('/operator/only')).statusCode).toBe(401);
  });

  it('knows to which trace a request belongs, or begins one', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    expect((await app.inject({ url: '/traced', headers: { traceparent } })).json()).toEqual({ traceparent });
    const one = await app.inject({ url: '/traced' });
    const other = await app.inject({ url: '/traced' });
    expect(one.json()).toEqual({ traceparent: expect.stringMatching(/^00-[\da-f]{32}-[\da-f]{16}-01$/) });
    expect(other.json()).not.toEqual(one.json());
  });

  it('is unavailable, of unknown outcome, without its database', async () => {
    const answer = await app.inject({ url: '/lost-database', headers: { 'idempotency-key': 'k' } });
    expect(answer.statusCode).toBe(503);
    expect(answer.headers['retry-after']).toBe('1');
    expect(answer.json()).toMatchObject({
      type: '/problems/unavailable',
      operationState: 'unknown',
      safeNewKey: false,
    });
  });

  it('tells nothing about what broke inside', async () => {
    const answer = await app.inject({ url: '/broken' });
    expect(answer.statusCode).toBe(500);
    expect(answer.body).not.toContain('secret');
  });

  it('has a page for every problem (Idempotency-Key draft-07 §2.7)', async () => {
    const list = await app.inject({ url: '/problems' });
    expect(list.headers['content-type']).toContain('text/html');
    const links = [...list.body.matchAll(/href="(\/problems\/[a-z-]+)"/g)].map((match) => match[1] ?? '');
    expect(links).toHaveLength(17);
    for (const url of links) expect((await app.inject({ url })).statusCode).toBe(200);
  });

  it('documents itself', async () => {
    expect((await app.inject({ url: '/docs' })).statusCode).toBe(200);
    const document = await app.inject({ url: '/docs-json' });
    expect(document.json()).toMatchObject({
      info: { title: 'Once: sample' },
      paths: { '/mugs': {}, '/health/live': {} },
    });
  });

  it('measures requests by route, not by path', async () => {
    await app.inject({ url: '/nothing/of/that/name' });
    const { body, headers } = await app.inject({ url: '/metrics' });
    expect(headers['content-type']).toContain('text/plain');
    expect(body).toContain('http_request_duration_seconds_count{method="GET",route="none",status="404"}');
    expect(body).toContain('http_request_duration_seconds_count{method="POST",route="/mugs",status="202"}');
    expect(body).toContain('process_cpu_seconds_total');
    expect(body).not.toContain('of/that/name');
  });

  it('is live whatever its dependencies say, and ready when those that decide are up', async () => {
    const health = app.get(HealthRegistry);
    let isDatabaseUp = true;
    health.register({ name: 'database', decidesReadiness: true, check: () => ({ isUp: isDatabaseUp }) });
    health.register({
      name: 'broker',
      decidesReadiness: false,
      check: async () => {
        throw new Error('no connection');
      },
    });
    const ready = await app.inject({ url: '/health/ready' });
    expect(ready.statusCode).toBe(200);
    expect(ready.json()).toEqual({
      status: 'up',
      checks: { database: { status: 'up' }, broker: { status: 'down', error: 'no connection' } },
    });
    isDatabaseUp = false;
    expect((await app.inject({ url: '/health/ready' })).statusCode).toBe(503);
    expect((await app.inject({ url: '/health/live' })).json()).toEqual({ status: 'up' });
  });
});

describe('an HTTP app that reads forms', () => {
  it('gives their bytes and their fields', async () => {
    const app = await createSampleApp({ bodyTypes: ['application/json', 'application/x-www-form-urlencoded'] });
    await app.init();
    await app.getHttpAdapter().getInstance().ready();
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await app.inject({ method: 'POST', url: '/raw', payload: 'a=1&b=2', headers });
    expect(answer.json()).toEqual({ bytes: 7 });
    await app.close();
  });
});

it('logs a request that failed with the trace it belongs to', async () => {
  const lines: unknown[] = [];
  const logger: LoggerService = { log: () => {}, warn: () => {}, error: (line) => lines.push(line) };
  const app = await createSampleApp({ logger });
  await app.init();
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  await app.inject({ url: '/broken', headers: { traceparent: `00-${traceId}-b7ad6b7169203331-01` } });
  expect(lines).toMatchObject([{ message: 'request failed', path: '/broken', status: 500, traceId }]);
  await app.close();
});
