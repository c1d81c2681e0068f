import type { Pool } from 'pg';
import type { IntentRow } from '../ledger/journal-entry.js';
import type { PaymentIntent } from './payment-intent.js';

/** About 1 KB each; the ones in use are the newest. */
const REMEMBERED_MAX = 100_000;

/**
 * The current state of every intent: the recent ones in memory, the others on disk.
 *
 * Memory is where decisions are made, one after the other. What is dropped from it has long been on disk, because only
 * the intents that were touched least recently are dropped.
 */
export class IntentStore {
  private readonly intents = new Map<string, PaymentIntent>();

  constructor(
    private readonly pool: Pool,
    private readonly rememberedMax = REMEMBERED_MAX,
  ) {}

  /** Brings the intent into memory, where `get` finds it as long as the caller does not await again. */
  async load(id: string): Promise<void> {
    if (this.intents.has(id) || !id.startsWith('pi_')) return;
    const { rows } = await this.pool.query<{ document: PaymentIntent }>(
      'select document from payment_intent where id = $1',
      [id],
    );
    const found = rows[0]?.document;
    // Whoever loaded it in the meantime may have changed it already.
    if (found !== undefined && !this.intents.has(id)) this.remember(found);
  }

  get(id: string): PaymentIntent | null {
    return this.intents.get(id) ?? null;
  }

  remember(intent: PaymentIntent): void {
    this.intents.delete(intent.id);
    this.intents.set(intent.id, intent);
    if (this.intents.size <= this.rememberedMax) return;
    for (const oldest of this.intents.keys()) {
      this.intents.delete(oldest);
      break;
    }
  }
}

export function rowOfIntent(intent: PaymentIntent): IntentRow {
  return {
    id: intent.id,
    seq: intent.seq,
    created_at: new Date(intent.createdAtMs).toISOString(),
    order_id: intent.orderId,
    status: intent.status,
    document: intent,
  };
}
