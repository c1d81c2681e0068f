import { ConflictException, HttpException } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { problemCatalogue, problemKind, slugOfType, typeOf } from './problem-catalogue.js';
import { toProblemDocument } from './problem-document.js';
import { Problem } from './problem.js';

const withKey = { instance: '/orders', hasIdempotencyKey: true };
const withoutKey = { instance: '/orders', hasIdempotencyKey: false };

const bodyOf = (error: unknown, context = withKey): unknown => JSON.parse(toProblemDocument(error, context).body);

describe('toProblemDocument', () => {
  it('says all about a problem, and what became of the operation when a key was sent', () => {
    expect(bodyOf(new Problem('invalid-request', { detail: 'Wrong: items.', extra: { errors: [] } }))).toEqual({
      type: '/problems/invalid-request',
      title: 'Invalid request',
      status: 400,
      detail: 'Wrong: items.',
      errors: [],
      instance: '/orders',
      operationState: 'none',
      safeNewKey: true,
    });
  });

  it('says nothing about an operation when no key was sent', () => {
    expect(bodyOf(new Problem('invalid-request', { detail: 'Wrong.' }), withoutKey)).not.toHaveProperty(
      'operationState',
    );
  });

  it('tells who sent no key that nothing happened', () => {
    expect(bodyOf(new Problem('key-missing', { detail: 'Missing.' }), withoutKey)).toMatchObject({
      operationState: 'none',
      safeNewKey: true,
    });
  });

  it('leaves the state of the operation to the thrower who knows it', () => {
    const extra = { operationState: 'in_progress', safeNewKey: true };
    expect(bodyOf(new Problem('key-reused', { detail: 'Another request.', extra }))).toMatchObject(extra);
  });

  it('carries the headers of a problem', () => {
    const problem = new Problem('operation-in-progress', { detail: 'Wait.', headers: { 'Retry-After': '3' } });
    expect(toProblemDocument(problem, withKey)).toMatchObject({ status: 409, headers: { 'Retry-After': '3' } });
  });

  it('passes on a problem that a library threw on its own', () => {
    const response = { type: '/problems/key-purged', title: 'Gone', detail: 'Purged.' };
    const error = Object.assign(new HttpException(response, 410), { headers: { Location: '/orders/1' } });
    const document = toProblemDocument(error, withKey);
    expect(document.headers).toEqual({ Location: '/orders/1' });
    expect(JSON.parse(document.body)).toEqual({
      ...response,
      status: 410,
      instance: '/orders',
      operationState: 'purged',
      safeNewKey: false,
    });
  });

  it("maps Nest's and Fastify's own errors by their status", () => {
    expect(bodyOf(new HttpException('Body is too large', 413))).toMatchObject({ type: '/problems/payload-too-large' });
    expect(bodyOf(Object.assign(new Error('slow down'), { statusCode: 429 }))).toMatchObject({
      type: '/problems/rate-limited',
    });
  });

  it('uses about:blank where the list has no match', () => {
    expect(bodyOf(new ConflictException('odd'))).toMatchObject({ type: 'about:blank', title: 'Conflict', status: 409 });
  });

  it('takes a database that cannot be reached as unavailable, of unknown outcome', () => {
    const lost = Object.assign(new Error('terminating connection'), { code: '57P01' });
    const document = toProblemDocument(lost, withKey);
    expect(document).toMatchObject({ status: 503, headers: { 'Retry-After': '1' } });
    expect(JSON.parse(document.body)).toMatchObject({
      type: '/problems/unavailable',
      operationState: 'unknown',
      safeNewKey: false,
    });
  });

  it.each([
    new Error('secret inside'),
    Object.assign(new Error('secret inside'), { statusCode: 502 }),
    'secret inside',
    new HttpException('secret inside', 500),
  ])('tells the caller nothing about an unexpected error', (error) => {
    const { status, body } = toProblemDocument(error, withKey);
    expect(status).toBe(500);
    expect(body).not.toContain('secret');
    expect(JSON.parse(body)).toMatchObject({ type: 'about:blank', operationState: 'unknown', safeNewKey: false });
  });
});

describe('problemCatalogue', () => {
  it('finds each of its problems by type', () => {
    const slugs = Object.keys(problemCatalogue);
    expect(slugs).toHaveLength(17);
    for (const slug of slugs) expect(slugOfType(`/problems/${slug}`)).toBe(slug);
  });

  it('never calls a new key safe where something may have happened', () => {
    const slugs = Object.keys(problemCatalogue).flatMap((slug) => slugOfType(`/problems/${slug}`) ?? []);
    const unsafe = slugs.filter((slug) => problemKind(slug).operation?.safeNewKey === false);
    expect(unsafe).toEqual(['operation-in-progress', 'key-purged', 'rate-limited', 'unavailable']);
    expect(typeOf('key-purged')).toBe('/problems/key-purged');
  });
});
