import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { QueryRunner } from 'typeorm';
import { eventually } from '@once/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  classifyPostgresError,
  CreateIdempotencyEffect1700000000011,
  EffectDoor,
  PostgresEffectStore,
  type Operation,
} from '../src/index.js';
import { depositsDatabase, type DepositsDatabase } from './deposits-database.js';
import { llmSink } from './examples/llm-sink.js';

const LEASE_MS = 3_600_000;

describe('the generation of a text by a language model', () => {
  let database: DepositsDatabase;
  let server: Server;
  let requests: { readonly key: unknown; readonly body: string }[];
  let answer: (response: ServerResponse) => void;
  let generations: EffectDoor;

  beforeAll(async () => {
    database = await depositsDatabase();
    await new CreateIdempotencyEffect1700000000011().up(database.pool as unknown as QueryRunner);
    server = createServer((request, response) => {
      void text(request).then((body) => {
        requests.push({ key: request.headers['idempotency-key'], body });
        answer(response);
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  beforeEach(async () => {
    await database.pool.query('truncate idempotency_record, idempotency_effect');
    requests = [];
    const { port } = server.address() as AddressInfo;
    const sink = llmSink({ baseUrl: `http://127.0.0.1:${port}/v1`, apiKey: 'sk-test', timeoutMs: 500 });
    generations = new EffectDoor(new PostgresEffectStore(database.pool), sink, {
      batchMax: 50,
      waitMs: 1_000,
      classify: classifyPostgresError,
      holder: 'writer-0',
      leaseMs: LEASE_MS,
      concurrencyMax: 4,
      backoffMsMax: 1_000,
      onError: () => {},
    });
  });
  afterEach(async () => {
    await generations.stop();
  });
  afterAll(async () => {
    server.close();
    await database.close();
  });

  const completion = JSON.stringify({
    choices: [{ message: { role: 'assistant', content: 'Dear Ada, …' } }],
    usage: { total_tokens: 42 },
  });
  const job: Operation = {
    key: 'letter-1',
    subject: 'letter-1',
    request: JSON.stringify({ model: 'small', messages: [{ role: 'user', content: 'Write to Ada.' }] }),
  };
  const outcomeNow = () =>
    eventually(async () => {
      await generations.runOnce();
      const asked = await generations.submit(job);
      if (asked.kind !== 'finished') throw new Error(`it is ${asked.kind}`);
      return asked.outcome;
    });

  it('is asked for once, however often its job is submitted', async () => {
    answer = (response) => response.setHeader('content-type', 'application/json').end(completion);
    await Promise.all(Array.from({ length: 10 }, () => generations.submit(job)));
    expect(await outcomeNow()).toEqual({ kind: 'answered', answer: { text: 'Dear Ada, …', totalTokens: 42 } });
    expect(requests).toEqual([{ key: 'letter-1', body: job.request }]);
  });

  it('that is sent elsewhere by a redirect is not asked for there', async () => {
    answer = (response) => response.writeHead(307, { location: '/v1/chat/completions' }).end();
    await generations.submit(job);
    expect(await outcomeNow()).toEqual({ kind: 'answered', answer: { refused: 307 } });
    expect(requests).toHaveLength(1);
  });

  it('that is refused is not asked for again', async () => {
    answer = (response) => response.writeHead(400).end('{"error":{"message":"context length exceeded"}}');
    await generations.submit(job);
    expect(await outcomeNow()).toEqual({ kind: 'answered', answer: { refused: 400 } });
    expect(requests).toHaveLength(1);
  });

  it.each<[string, (response: ServerResponse) => void]>([
    [
      'whose answer is cut off',
      (response) => response.writeHead(200).write(completion.slice(0, 20), () => response.destroy()),
    ],
    ['that takes too long', () => {}],
    ['whose gateway fails', (response) => response.writeHead(502).end('<html>')],
    ['that is answered with something else', (response) => response.writeHead(200).end('{"choices":[]}')],
  ])('%s is a recorded unknown cost, and no second request', async (_what, behaviour) => {
    answer = behaviour;
    await generations.submit(job);
    expect(await outcomeNow()).toEqual({ kind: 'unknown' });
    expect(requests).toHaveLength(1);
  });
});
