import type { Pool } from 'pg';
import type { StickyAnswerRow } from '../ledger/journal-entry.js';

export interface UsedKey {
  readonly fingerprint: string;
  readonly firstAtMs: number;
  readonly status: number;
}

/** About 250 bytes each. */
const KEYS_MAX = 500_000;

/** About 1 KB each. More than the journal ever holds back, so what is not here any more is on disk. */
const BODIES_MAX = 25_000;

export interface StickyAnswersLimits {
  readonly keysMax: number;
  readonly bodiesMax: number;
}

/**
 * The first answer to every idempotency key, for as long as a key lives.
 *
 * All are on disk; the newest keys, and the answers of the very newest, are in memory too. As long as no key has been
 * dropped from memory, one that is not there was never used, and nobody needs to ask the disk about a new key.
 */
export class StickyAnswers {
  private readonly keys = new Map<string, UsedKey>();
  private readonly bodies = new Map<string, string>();
  private readonly inFlight = new Map<string, string>();
  private isComplete = true;

  constructor(
    private readonly pool: Pool,
    private readonly limits: StickyAnswersLimits = { keysMax: KEYS_MAX, bodiesMax: BODIES_MAX },
  ) {}

  /** Remembers the newest keys of earlier runs. */
  async loadNewest(): Promise<void> {
    const { rows } = await this.pool.query<StoredKey>(
      'select key, fingerprint, first_at, status from sticky_answer order by seq desc limit $1',
      [this.limits.keysMax],
    );
    for (const row of rows.reverse()) this.keys.set(row.key, usedKeyOf(row));
    this.isComplete = rows.length < this.limits.keysMax;
  }

  /** Brings a key into memory, where `get` finds it as long as the caller does not await again. */
  async load(key: string): Promise<void> {
    if (this.isComplete || this.keys.has(key)) return;
    const { rows } = await this.pool.query<StoredKey>(
      'select key, fingerprint, first_at, status from sticky_answer where key = $1',
      [key],
    );
    if (rows[0] !== undefined && !this.keys.has(key)) this.keys.set(key, usedKeyOf(rows[0]));
  }

  get(key: string): UsedKey | undefined {
    return this.keys.get(key);
  }

  /** The answer that was first given to a key that is in use. */
  async bodyOf(key: string): Promise<string> {
    const remembered = this.bodies.get(key);
    if (remembered !== undefined) return remembered;
    const { rows } = await this.pool.query<{ body: string }>('select body from sticky_answer where key = $1', [key]);
    if (rows[0] === undefined) throw new Error(`the answer to key ${key} is neither in memory nor on disk`);
    return rows[0].body;
  }

  remember(key: string, used: UsedKey, body: string): void {
    this.keys.delete(key);
    this.keys.set(key, used);
    this.bodies.delete(key);
    this.bodies.set(key, body);
    dropOldest(this.bodies, this.limits.bodiesMax);
    if (dropOldest(this.keys, this.limits.keysMax)) this.isComplete = false;
  }

  /** The fingerprint of the request that is being worked on under this key. */
  fingerprintInFlight(key: string): string | undefined {
    return this.inFlight.get(key);
  }

  hold(key: string, fingerprint: string): void {
    this.inFlight.set(key, fingerprint);
  }

  release(key: string): void {
    this.inFlight.delete(key);
  }
}

type StoredKey = Pick<StickyAnswerRow, 'key' | 'fingerprint' | 'status'> & { readonly first_at: Date };

function usedKeyOf(row: StoredKey): UsedKey {
  return { fingerprint: row.fingerprint, firstAtMs: row.first_at.getTime(), status: row.status };
}

/** Maps keep the order of insertion. True when something was dropped. */
function dropOldest(map: Map<string, unknown>, sizeMax: number): boolean {
  if (map.size <= sizeMax) return false;
  for (const oldest of map.keys()) {
    map.delete(oldest);
    break;
  }
  return true;
}
