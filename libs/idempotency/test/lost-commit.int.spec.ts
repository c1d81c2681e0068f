import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { INestApplication } from '@nestjs/common';
import type { Pool } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DepositRequests } from './deposit-requests.js';
import { openDepositsApp } from './deposits-app.js';
import { depositsDatabase, poolOf, type DepositsDatabase } from './deposits-database.js';
import { PostgresProxy } from './postgres-proxy.js';
import { send, type RawAnswer } from './raw-http.js';

/** The part of the commit statement by which the proxy recognises it. */
const COMMITS = 'insert into idempotency_record';

describe('a request whose COMMIT loses its connection', () => {
  let database: DepositsDatabase;
  let proxy: PostgresProxy;
  let pool: Pool;
  /** One tries again for long, the other not at all. */
  let patient: INestApplication;
  let impatient: INestApplication;

  beforeAll(async () => {
    database = await depositsDatabase();
    proxy = await PostgresProxy.before(database.url);
    pool = poolOf(proxy.url);
    const open = (waitMs: number) => openDepositsApp(new DepositRequests(pool), waitMs, 'Fastify');
    patient = await open(20_000);
    impatient = await open(0);
  });
  beforeEach(async () => {
    await database.pool.query('truncate idempotency_record, deposit');
  });
  afterAll(async () => {
    await Promise.all([patient.close(), impatient.close()]);
    await pool.end();
    await proxy.close();
    await database.close();
  });

  const postTo = (app: INestApplication): Promise<RawAnswer> => {
    const { port } = (app.getHttpServer() as Server).address() as AddressInfo;
    return send(port, { lines: ['Idempotency-Key: k'] });
  };

  it.each([
    ['after it took effect', 'answer', true],
    ['before it took effect', 'request', false],
  ] as const)('%s is answered as if nothing had happened, and executed once', async (_when, loss, isReplay) => {
    const lost = proxy.lose(loss, COMMITS);
    const answer = await postTo(patient);
    await lost;
    expect([answer.status, answer.headers.has('idempotent-replayed')]).toEqual([201, isReplay]);
    expect((await postTo(patient)).body).toBe(answer.body);
    expect(await database.depositsOf('k')).toBe(1);
  });

  it.each([
    ['after it took effect', 'answer', true],
    ['before it took effect', 'request', false],
  ] as const)(
    '%s is told that its outcome is unknown, and the same key finds it out',
    async (_when, loss, isReplay) => {
      const lost = proxy.lose(loss, COMMITS);
      const unknown = await postTo(impatient);
      await lost;
      expect(unknown.status).toBe(503);
      expect(JSON.parse(unknown.body)).toMatchObject({ operationState: 'unknown', safeNewKey: false });
      expect(await database.depositsOf('k')).toBe(isReplay ? 1 : 0);

      const answer = await postTo(impatient);
      expect([answer.status, answer.headers.has('idempotent-replayed')]).toEqual([201, isReplay]);
      expect(await database.depositsOf('k')).toBe(1);
    },
  );
});
