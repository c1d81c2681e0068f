import { Module } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AccountsModule } from '../http/accounts.module.js';
import { createHttpApp } from '../http/create-http-app.js';
import { DeadLettersModule } from './dead-letters.module.js';
import type { DeadLetters } from './dead-letters.js';

@Module({})
class OperatedModule {}

const TEXT = { id: 'text', reason: 'unknown type', body: Buffer.from('{"type":"odd"}') };
const BINARY = { id: 'binary', reason: 'no envelope', body: Buffer.from([0xff, 0xfe, 0x00]) };

/** Letters in memory; each is dead until somebody has done something about it. */
class SomeLetters implements DeadLetters {
  readonly notes: string[] = [];
  isFasterElsewhere = false;
  private dead = [TEXT, BINARY];

  list(limit: number, cursor: string | null): ReturnType<DeadLetters['list']> {
    if (cursor !== null) return Promise.resolve({ kind: 'bad-cursor' });
    const data = this.dead.slice(0, limit).map(({ id, reason }) => ({ id, reason }));
    return Promise.resolve({ kind: 'page', data, nextCursor: this.dead.length > limit ? 'next' : null });
  }

  find(id: string): ReturnType<DeadLetters['find']> {
    return Promise.resolve(this.dead.find((letter) => letter.id === id));
  }

  redrive(id: string): Promise<boolean> {
    return this.take(id);
  }

  discard(id: string, note: string): Promise<boolean> {
    this.notes.push(note);
    return this.take(id);
  }

  private take(id: string): Promise<boolean> {
    this.dead = this.dead.filter((letter) => letter.id !== id);
    return Promise.resolve(!this.isFasterElsewhere);
  }
}

let app: NestFastifyApplication;
let letters: SomeLetters;

beforeEach(async () => {
  letters = new SomeLetters();
  const accounts = AccountsModule.forRoot({ apiKeys: [{ account: 'demo', key: 'sk_demo' }], operatorKey: 'op_demo' });
  const root = { module: OperatedModule, imports: [accounts, DeadLettersModule.of(letters)] };
  app = await createHttpApp(root, { service: 'operated', logger: false });
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
});
afterEach(() => app.close());

const send = (method: 'GET' | 'POST', path: string, payload?: object, key = 'op_demo') =>
  app.inject({
    method,
    url: `/operator/dead-letters${path}`,
    headers: { authorization: `Bearer ${key}` },
    ...(payload === undefined ? {} : { payload }),
  });

describe('the dead letters of a service', () => {
  it('are listed page by page', async () => {
    expect((await send('GET', '?limit=1')).json()).toEqual({
      data: [{ id: 'text', reason: 'unknown type' }],
      nextCursor: 'next',
    });
    expect((await send('GET', '')).json()).toMatchObject({
      data: [{ id: 'text' }, { id: 'binary' }],
      nextCursor: null,
    });
  });

  it.each(['?cursor=x', '?limit=0', '?status=dead'])('refuse %s', async (query) => {
    expect((await send('GET', query)).json()).toMatchObject({ type: '/problems/invalid-request', status: 400 });
  });

  it('are shown with their bytes, as text where they are text', async () => {
    expect((await send('GET', '/text')).json()).toEqual({
      id: 'text',
      reason: 'unknown type',
      bytes: 14,
      text: '{"type":"odd"}',
      base64: 'eyJ0eXBlIjoib2RkIn0=',
    });
    expect((await send('GET', '/binary')).json()).toMatchObject({ text: null, base64: '//4A' });
  });

  it('are redriven once', async () => {
    const first = await send('POST', '/text/redrive');
    expect([first.statusCode, first.json()]).toEqual([200, { id: 'text', outcome: 'redriven' }]);
    expect((await send('POST', '/text/redrive')).json()).toMatchObject({ type: '/problems/not-found', status: 404 });
  });

  it('are discarded with a note, and not without', async () => {
    expect((await send('POST', '/text/discard', {})).json()).toMatchObject({
      status: 400,
      errors: [{ field: 'note' }],
    });
    expect((await send('POST', '/text/discard', { note: 'forged' })).json()).toEqual({
      id: 'text',
      outcome: 'discarded',
    });
    expect(letters.notes).toEqual(['forged']);
  });

  it('are a conflict to whoever was too slow', async () => {
    letters.isFasterElsewhere = true;
    expect((await send('POST', '/text/redrive')).json()).toMatchObject({ type: '/problems/conflict', status: 409 });
    expect((await send('POST', '/binary/discard', { note: 'mine' })).json()).toMatchObject({ status: 409 });
  });

  it("are closed to customers' keys and to strangers", async () => {
    expect((await send('GET', '', undefined, 'sk_demo')).statusCode).toBe(403);
    expect((await send('POST', '/text/redrive', undefined, 'nobody')).statusCode).toBe(401);
    expect((await send('GET', '/text')).statusCode).toBe(200);
  });
});
