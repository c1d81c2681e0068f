import { describe, expect, it } from 'vitest';
import type { CallRow, JournalEntry } from './journal-entry.js';
import { Journal, type JournalStore } from './journal.js';

const call = (seq: number): CallRow => ({
  seq,
  at: '2026-11-22T00:00:00.000Z',
  operation: 'payment_intents.create',
  order_id: null,
  payment_intent: null,
  idempotency_key: null,
  fingerprint: '',
  status: 200,
  applied: true,
  fault: null,
  fault_rule: null,
  plan: 0,
});
const entry = (seq: number): JournalEntry => ({ calls: [call(seq)] });

/** A store whose writes end when the test says so. */
class StoreInHand implements JournalStore {
  readonly batches: number[][] = [];
  private readonly endings: { resolve: () => void; reject: (error: Error) => void }[] = [];
  private arrived: () => void = () => undefined;

  write([, calls = '[]']: readonly string[]): Promise<void> {
    this.batches.push((JSON.parse(calls) as CallRow[]).map(({ seq }) => seq));
    this.arrived();
    return new Promise((resolve, reject) => this.endings.push({ resolve, reject }));
  }

  /** Resolves when the n-th batch is being written. */
  async writing(count: number): Promise<void> {
    while (this.batches.length < count) {
      await new Promise<void>((resolve) => {
        this.arrived = resolve;
      });
    }
  }

  finish(): void {
    this.endings.shift()?.resolve();
  }

  fail(error: Error): void {
    this.endings.shift()?.reject(error);
  }
}

const noBreak = (error: Error): never => {
  throw error;
};

describe('Journal', () => {
  it('answers an entry only when its batch is on disk', async () => {
    const store = new StoreInHand();
    const journal = new Journal(store, { onBroken: noBreak });
    let isOnDisk = false;
    const written = journal.append(entry(1)).then(() => (isOnDisk = true));
    await store.writing(1);
    expect(isOnDisk).toBe(false);
    store.finish();
    await written;
    expect(isOnDisk).toBe(true);
  });

  it('shares the next batch among what arrives while one is being written, in order', async () => {
    const store = new StoreInHand();
    const journal = new Journal(store, { onBroken: noBreak });
    const written = [journal.append(entry(1)), journal.append(entry(2))];
    await store.writing(1);
    written.push(journal.append(entry(3)), journal.append(entry(4)));
    store.finish();
    await store.writing(2);
    store.finish();
    await Promise.all(written);
    expect(store.batches).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  it('says that it is full when the disk has been away for too long, and not before', async () => {
    const store = new StoreInHand();
    const journal = new Journal(store, { batchEntriesMax: 2, waitingEntriesMax: 4, onBroken: noBreak });
    const written = [journal.append(entry(1))];
    await store.writing(1);
    for (let seq = 2; seq <= 3; seq += 1) written.push(journal.append(entry(seq)));
    expect(journal.isFull).toBe(false);
    written.push(journal.append(entry(4)));
    expect(journal.isFull).toBe(true);
    for (let batch = 1; batch <= 3; batch += 1) {
      await store.writing(batch);
      store.finish();
    }
    await Promise.all(written);
    expect(journal.isFull).toBe(false);
  });

  it('is broken for good when a batch can never be written, and fails everything behind it', async () => {
    const store = new StoreInHand();
    const broken: Error[] = [];
    const journal = new Journal(store, { onBroken: (error) => broken.push(error) });
    const first = journal.append(entry(1));
    await store.writing(1);
    const second = journal.append(entry(2));
    store.fail(new Error('no such table'));
    await expect(first).rejects.toThrow('no such table');
    await expect(second).rejects.toThrow('no such table');
    await expect(journal.append(entry(3))).rejects.toThrow('no such table');
    expect([broken.length, journal.isFull]).toEqual([1, true]);
    expect(store.batches).toEqual([[1]]);
  });
});
