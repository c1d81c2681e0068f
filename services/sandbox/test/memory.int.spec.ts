import { Pool } from 'pg';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RecordReader } from '../src/ledger/record-reader.js';
import { IntentStore } from '../src/payment-provider/intent-store.js';
import { StickyAnswers } from '../src/payment-provider/sticky-answers.js';
import { openTestSandbox, type TestSandbox } from './support/test-sandbox.js';

describe('a memory smaller than the world', () => {
  let sandbox: TestSandbox;
  let pool: Pool;
  const ids: string[] = [];
  beforeAll(async () => {
    sandbox = await openTestSandbox();
    pool = new Pool({ connectionString: sandbox.databaseUrl, max: 2 });
    for (let count = 0; count < 5; count += 1) {
      const intent = await sandbox.stripe.paymentIntents.create(
        { amount: 1, currency: 'eur', metadata: { order_id: 'many' } },
        { idempotencyKey: `key-${count}` },
      );
      ids.push(intent.id);
    }
  });
  afterAll(async () => {
    await pool.end();
    await sandbox.close();
  });

  it('finds every intent, in memory or on disk', async () => {
    const intents = new IntentStore(pool, 2);
    for (const id of [...ids, ...ids]) {
      await intents.load(id);
      expect(intents.get(id)).toMatchObject({ id, orderId: 'many' });
    }
    await intents.load('pi_unknown');
    expect(intents.get('pi_unknown')).toBeNull();
  });

  it('does not replace what has changed in memory by what is on disk', async () => {
    const intents = new IntentStore(pool, 2);
    const [id = ''] = ids;
    await intents.load(id);
    const intent = intents.get(id);
    if (intent === null) throw new Error('it was created above');
    const reading = new IntentStore(pool, 2);
    const load = reading.load(id);
    reading.remember({ ...intent, status: 'canceled' });
    await load;
    expect(reading.get(id)).toMatchObject({ status: 'canceled' });
  });

  it('knows every key and its answer, in memory or on disk', async () => {
    const answers = new StickyAnswers(pool, { keysMax: 3, bodiesMax: 1 });
    await answers.loadNewest();
    for (let count = 0; count < 5; count += 1) {
      await answers.load(`key-${count}`);
      expect(answers.get(`key-${count}`)).toMatchObject({ status: 200 });
      expect(JSON.parse(await answers.bodyOf(`key-${count}`))).toMatchObject({ id: ids[count] });
    }
    await answers.load('key-never-used');
    expect(answers.get('key-never-used')).toBeUndefined();
  });

  it('still knows a key that was dropped from memory in this run', async () => {
    const answers = new StickyAnswers(pool, { keysMax: 10, bodiesMax: 10 });
    await answers.loadNewest();
    const used = { fingerprint: 'f', firstAtMs: 0, status: 200 };
    for (let count = 0; count < 10; count += 1) answers.remember(`other-${count}`, used, '{}');
    expect(answers.get('key-0')).toBeUndefined();
    await answers.load('key-0');
    expect(answers.get('key-0')).toMatchObject({ status: 200 });
  });

  it.each([
    ['everything', {}, [1, 2, 3, 4, 5]],
    ['what comes after a row', { after: 1 }, [2, 3, 4, 5]],
    ['a portion larger than a chunk', { limit: 3 }, [1, 2, 3]],
    ['nothing', { after: 5 }, []],
    ['nothing at all', { limit: 0 }, []],
  ])('reads %s of a record, in chunks', async (_what, window, seqs) => {
    const reader = new RecordReader(pool, 2);
    const rows = await text(reader.read({ table: 'call', columns: 'seq' }, { after: 0, ...window }));
    expect((JSON.parse(rows) as { seq: number }[]).map(({ seq }) => seq)).toEqual(seqs);
  });
});
