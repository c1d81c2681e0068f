import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { INestApplication } from '@nestjs/common';
import { eventually } from '@once/testing';
import { Pool } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { DepositRequests } from './deposit-requests.js';
import { openDepositsApp, type AdapterName } from './deposits-app.js';
import { commit, depositsDatabase, finished, whileOpen, type DepositsDatabase } from './deposits-database.js';
import { MALFORMED_KEYS } from './malformed-keys.js';
import { send, sendAndHangUp, type RawAnswer, type RawRequest } from './raw-http.js';

const WAIT_MS = 200;
const keyed = (key: string, fields: Partial<RawRequest> = {}): RawRequest => ({
  lines: [`Idempotency-Key: ${key}`],
  ...fields,
});

describe.each<AdapterName>(['Fastify', 'Express'])('the request door in a Nest application on %s', (adapter) => {
  let database: DepositsDatabase;
  let work: DepositRequests;
  let app: INestApplication;
  let port: number;

  beforeAll(async () => {
    database = await depositsDatabase();
    work = new DepositRequests(database.pool);
    app = await openDepositsApp(work, WAIT_MS, adapter);
    port = portOf(app);
  });
  beforeEach(async () => {
    await database.pool.query('truncate idempotency_record, deposit');
  });
  afterAll(async () => {
    await app.close();
    await database.close();
  });

  const post = (request: RawRequest): Promise<RawAnswer> => send(port, request);
  const count = async (table: 'deposit' | 'idempotency_record'): Promise<number> => {
    const { rows } = await database.pool.query<{ count: number }>(`select count(*)::int from ${table}`);
    return rows[0]?.count ?? -1;
  };
  const problemOf = ({ status, headers, body }: RawAnswer) => {
    expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
    const document = JSON.parse(body) as Record<string, unknown>;
    expect(document).toMatchObject({ status, title: expect.any(String), detail: expect.any(String) });
    return document;
  };

  describe('answers the first request normally and a retry with the same bytes:', () => {
    it('status, body and the headers that describe it; the replay is marked (draft-07 §2.6)', async () => {
      const [first, second] = [await post(keyed('k')), await post(keyed('k'))];
      expect(first.status).toBe(201);
      expect(first.headers.get('idempotent-replayed')).toBeUndefined();
      expect(second.headers.get('idempotent-replayed')).toBe('true');
      expect([second.status, second.body]).toEqual([first.status, first.body]);
      for (const name of ['content-type', 'content-length', 'etag', 'location']) {
        expect(second.headers.get(name), name).toBe(first.headers.get(name));
      }
      expect(first.headers.get('location')).toBe(`/deposits/${(JSON.parse(first.body) as { id: string }).id}`);
      expect(await count('deposit')).toBe(1);
    });

    it('and never a cookie, whatever headers the work has made', async () => {
      const answers = [await post(keyed('k')), await post(keyed('k'))];
      for (const { status, headers } of answers) expect([status, headers.has('set-cookie')]).toEqual([201, false]);
      const { rows } = await database.pool.query('select outcome::text from idempotency_record');
      expect(JSON.stringify(rows)).not.toContain('secret');
    });

    it('whichever of its two forms the key has', async () => {
      const [first, second] = [await post(keyed('k')), await post(keyed('"k"'))];
      expect(second.body).toBe(first.body);
    });

    it('an error as well as a success (draft-07 §2.6)', async () => {
      const declined = keyed('k', { body: '{"amount":13}' });
      const [first, second] = [await post(declined), await post(declined)];
      expect([first.status, second.status]).toEqual([402, 402]);
      expect(second.body).toBe(first.body);
      expect(second.headers.get('idempotent-replayed')).toBe('true');
    });

    it('however the same business fields are spelled (draft-07 §2.4)', async () => {
      const first = await post(keyed('k', { body: '{"amount":5,"note":"x"}' }));
      const second = await post(keyed('k', { body: '{ "note": "\\u0078",\n "amount": 5.0 }' }));
      expect(second.body).toBe(first.body);
    });

    it('even if the client hung up before the first answer', async () => {
      await sendAndHangUp(port, keyed('k'));
      await eventually(async () => expect(await count('deposit')).toBe(1));
      expect((await post(keyed('k'))).headers.get('idempotent-replayed')).toBe('true');
      expect(await count('deposit')).toBe(1);
    });

    it('to 50 twins at once, of which one executes (draft-07 §1)', async () => {
      const answers = await Promise.all(Array.from({ length: 50 }, () => post(keyed('k'))));
      expect(new Set(answers.map(({ status, body }) => `${status} ${body}`)).size).toBe(1);
      expect(answers.filter(({ headers }) => !headers.has('idempotent-replayed'))).toHaveLength(1);
      expect(await count('deposit')).toBe(1);
    });

    it('to many requests at once, committing together those that wait', async () => {
      const commits = vi.spyOn(work, 'commit');
      const answers = await Promise.all(Array.from({ length: 40 }, (_, index) => post(keyed(`k${index}`))));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
      expect(commits.mock.calls.flatMap(([members]) => members)).toHaveLength(40);
      // How many travel together is chance; that many do is not. Alone, each would be a commit.
      expect(commits.mock.calls.length).toBeLessThan(35);
      commits.mockRestore();
    });

    it('and lets no client claim that a request is a replay', async () => {
      const lines = ['Idempotency-Key: k', 'Idempotent-Replayed: true', 'X-Hit: true'];
      const answer = await post({ lines });
      expect(answer.headers.has('idempotent-replayed')).toBe(false);
      expect(await count('deposit')).toBe(1);
    });
  });

  describe('keeps apart what one key means (draft-07 §2.2, §5)', () => {
    it.each([
      ['to two accounts', { account: 'acme' }],
      ['under two keys, however equal the requests are', { lines: ['Idempotency-Key: l'] }],
      ['under two path parameters', { path: '/accounts/b/deposits' }],
    ])('%s', async (_where, elsewhere) => {
      const [first, second] = [await post(keyed('k')), await post(keyed('k', elsewhere))];
      expect([first.status, second.status]).toEqual([201, 201]);
      expect(second.headers.has('idempotent-replayed')).toBe(false);
      expect(second.body).not.toBe(first.body);
      expect(await count('deposit')).toBe(2);
    });
  });

  describe('refuses with a problem document', () => {
    it('a request without a key, where one is required: 400 (draft-07 §2.7)', async () => {
      const answer = await post({ lines: [] });
      expect(answer.status).toBe(400);
      expect(problemOf(answer)).toMatchObject({
        type: '/problems/key-missing',
        operationState: 'none',
        safeNewKey: true,
      });
      expect(await count('idempotency_record')).toBe(0);
    });

    it('a used key with another request, as often as it comes: 422 (draft-07 §2.2, §2.7)', async () => {
      await post(keyed('k'));
      for (let time = 0; time < 2; time += 1) {
        const answer = await post(keyed('k', { body: '{"amount":6}' }));
        expect(answer.status).toBe(422);
        expect(problemOf(answer)).toMatchObject({
          type: '/problems/key-reused',
          operationState: 'completed',
          safeNewKey: true,
        });
      }
      expect(await count('deposit')).toBe(1);
    });

    it('a retry while the first is being worked on: 409, and the answer once it is done (draft-07 §2.6, §2.7)', async () => {
      const scope = 'demo POST /accounts/{account}/deposits a';
      const outcome = { status: 201, headers: {}, body: 'the first' };
      const probe = await post(keyed('probe'));
      const { rows } = await database.pool.query<{ fingerprint: string }>('select fingerprint from idempotency_record');
      expect(probe.status).toBe(201);
      const record = finished('k', { scope, outcome, fingerprint: rows[0]?.fingerprint ?? '' });
      await whileOpen(
        database.pool,
        (other) => commit(other, { records: [record] }),
        async (other) => {
          const answer = await post(keyed('k'));
          expect(answer.status).toBe(409);
          expect(answer.headers.get('retry-after')).toBe('1');
          expect(problemOf(answer)).toMatchObject({
            type: '/problems/operation-in-progress',
            operationState: 'in_progress',
            safeNewKey: false,
          });
          await other.query('commit');
          expect(await post(keyed('k'))).toMatchObject({ status: 201, body: 'the first' });
        },
      );
    });

    it('a key past its retention, without executing it again: 410 (draft-07 §2.3)', async () => {
      const first = await post(keyed('k'));
      await database.pool.query(`update idempotency_record set created_at = created_at - interval '25 hours'`);
      const answer = await post(keyed('k'));
      expect(answer.status).toBe(410);
      expect(answer.headers.get('location')).toBe(first.headers.get('location'));
      expect(problemOf(answer)).toMatchObject({
        type: '/problems/key-purged',
        operationState: 'purged',
        safeNewKey: false,
      });
      expect(await count('deposit')).toBe(1);
    });

    it('a key past its retention whose answer had no location: 410 without one', async () => {
      await post(keyed('k', { body: '{"amount":13}' }));
      await database.pool.query(`update idempotency_record set created_at = created_at - interval '25 hours'`);
      const answer = await post(keyed('k', { body: '{"amount":13}' }));
      expect([answer.status, answer.headers.has('location')]).toEqual([410, false]);
    });

    it('everything while the database cannot be reached: 503, outcome unknown', async () => {
      const nobody = new Pool({ connectionString: 'postgres://127.0.0.1:1/none' });
      const lonely = await openDepositsApp(new DepositRequests(nobody), WAIT_MS, adapter);
      const answer = await send(portOf(lonely), keyed('k'));
      await lonely.close();
      await nobody.end();
      expect(answer.status).toBe(503);
      expect(answer.headers.get('retry-after')).toBe('1');
      expect(problemOf(answer)).toMatchObject({
        type: '/problems/unavailable',
        operationState: 'unknown',
        safeNewKey: false,
      });
    });
  });

  describe('stores nothing', () => {
    it('of a request that was refused before it was begun: corrected, it is executed under its key', async () => {
      expect((await post(keyed('k', { body: '{"amount":"5"}' }))).status).toBe(400);
      expect((await post(keyed('k'))).status).toBe(201);
    });

    it('of an answer of 5xx: the same request is executed under its key as soon as it can be', async () => {
      work.isBusy = true;
      for (const answer of [await post(keyed('k')), await post(keyed('k'))]) {
        expect([answer.status, answer.headers.has('idempotent-replayed')]).toEqual([503, false]);
      }
      expect([await count('idempotency_record'), await count('deposit')]).toEqual([0, 0]);
      work.isBusy = false;
      expect((await post(keyed('k'))).status).toBe(201);
      expect(await count('deposit')).toBe(1);
    });

    it('of a mistake of ours: mended, it is executed under its key', async () => {
      expect((await post(keyed('k', { body: '{"amount":5,"note":"fault"}' }))).status).toBe(500);
      expect(await count('idempotency_record')).toBe(0);
      expect((await post(keyed('k', { body: '{"amount":5,"note":"mended"}' }))).status).toBe(201);
    });
  });

  it.each(MALFORMED_KEYS)(
    'refuses a key of %s before it does anything: 400 (draft-07 §2.1, §5)',
    async (_what, lines) => {
      const answer = await post({ lines });
      expect(answer.status).toBe(400);
      expect(await count('idempotency_record')).toBe(0);
      expect(await count('deposit')).toBe(0);
    },
  );

  it.each(['k'.repeat(255), "'%_\\`", "';drop+table+deposit;--", '8e03978e-40d5-43dd-bc93-6894a57f9324'])(
    'takes the valid key %s as it is, whether or not it is a UUID or has a time in it (draft-07 §2.2, §2.3, §2.5.1)',
    async (key) => {
      const [first, second] = [await post(keyed(key)), await post(keyed(key))];
      expect([first.status, second.status]).toEqual([201, 201]);
      expect(second.headers.has('idempotent-replayed')).toBe(true);
      const { rows } = await database.pool.query('select key from idempotency_record');
      expect(rows).toEqual([{ key }]);
    },
  );

  it('does not ask for a key where none is needed, but refuses a malformed one', async () => {
    const path = '/accounts/a/close';
    const [without, withKey, malformed] = [
      await post({ path, lines: [] }),
      await post(keyed('k', { path })),
      await post(keyed('k, l', { path })),
    ];
    expect([without.status, without.body]).toEqual([200, '{"account":"a","key":null}']);
    expect([withKey.status, withKey.body]).toEqual([200, '{"account":"a","key":"k"}']);
    expect(malformed.status).toBe(400);
    expect(problemOf(malformed)).toMatchObject({ type: '/problems/key-malformed', safeNewKey: true });
  });
});

function portOf(app: INestApplication): number {
  const server = app.getHttpServer() as Server;
  return (server.address() as AddressInfo).port;
}
