import { eventually, testDatabase } from '@once/testing';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { JournalBatch } from '../src/ledger/journal-batch.js';
import { JournalSession } from '../src/ledger/journal-session.js';
import { captureUntil } from './support/capture-until.js';
import type { LedgerLine } from './support/sandbox-client.js';
import { openTestSandbox, type TestSandbox } from './support/test-sandbox.js';

const AT = '2026-11-22T00:00:00.000Z';
const LINE = {
  seq: 1,
  at: AT,
  kind: 'capture',
  order_id: 'o',
  payment_intent: 'pi_1',
  amount: 5,
  currency: 'EUR',
  idempotency_key: null,
} as const;
const CALL = {
  seq: 1,
  at: AT,
  operation: 'payment_intents.capture',
  order_id: 'o',
  payment_intent: 'pi_1',
  idempotency_key: null,
  fingerprint: 'f',
  status: 200,
  applied: true,
  fault: null,
  fault_rule: null,
  plan: 0,
} as const;

describe('the journal', () => {
  let sandbox: TestSandbox;
  let administrator: Client;
  beforeAll(async () => {
    sandbox = await openTestSandbox();
    administrator = new Client(sandbox.databaseUrl);
    await administrator.connect();
  });
  afterAll(async () => {
    await administrator.end();
    await sandbox.close();
  });

  const countLines = async (): Promise<number> => {
    const { rows } = await administrator.query<{ count: number }>(
      'select count(*)::integer as count from ledger_entry',
    );
    return rows[0]?.count ?? 0;
  };

  it('writes on when the database cuts its sessions, and answers nothing that is not on disk', async () => {
    let isOver = false;
    const clients = Promise.all(Array.from({ length: 8 }, () => captureUntil(sandbox, () => isOver)));
    for (let cut = 0; cut < 5; cut += 1) {
      const before = await countLines();
      await administrator.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where application_name like 'sandbox%' and datname = current_database()`,
      );
      await eventually(async () => expect(await countLines()).toBeGreaterThan(before + 10));
    }
    isOver = true;
    const answered = (await clients).flat();

    const lines = await sandbox.json<LedgerLine[]>('GET', '/sandbox/ledger');
    const captured = lines.filter(({ kind }) => kind === 'capture').map(({ paymentIntent }) => paymentIntent);
    expect(new Set(captured).size).toBe(captured.length);
    expect(answered.filter((id) => !captured.includes(id))).toEqual([]);
    expect(lines.map(({ seq }) => seq)).toEqual(lines.map((_line, index) => index + 1));
  }, 120_000);

  it('writes a batch once, however often it is run', async () => {
    const database = await testDatabase();
    const session = new JournalSession({ databaseUrl: database.url, log: () => undefined });
    await session.open();
    const batch = new JournalBatch();
    batch.add({ ledger: [LINE], calls: [CALL] });
    await session.write(batch.parameters());
    await session.write(batch.parameters());
    await session.close();
    const reader = new Client(database.url);
    await reader.connect();
    expect((await reader.query('select kind from ledger_entry')).rows).toEqual([{ kind: 'capture' }]);
    expect((await reader.query('select operation from call')).rows).toEqual([{ operation: 'payment_intents.capture' }]);
    await reader.end();
    await database.close();
  });

  it('belongs to one sandbox at a time', async () => {
    const second = new JournalSession({ databaseUrl: sandbox.databaseUrl, waitMs: 0, log: () => undefined });
    await expect(second.open()).rejects.toThrow('another sandbox owns this database');
  });

  it.each(['update ledger_entry set amount = 1', 'delete from ledger_entry', 'truncate ledger_entry'])(
    'refuses %j, even by hand',
    async (statement) => {
      await expect(administrator.query(statement)).rejects.toThrow('append-only');
    },
  );
});
