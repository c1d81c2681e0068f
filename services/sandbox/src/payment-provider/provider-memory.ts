import type { CallRow, EventRow, JournalEntry, LedgerRow, RefundRow } from '../ledger/journal-entry.js';
import type { Journal } from '../ledger/journal.js';
import type { Sequences } from '../ledger/sequences.js';
import type { EventFeed } from '../webhooks/event-feed.js';
import type { Authorisations } from './authorisations.js';
import type { Decision } from './decision.js';
import { rowOfIntent, type IntentStore } from './intent-store.js';
import { newEvent } from './stripe-event.js';

export interface Provenance {
  readonly now: number;
  readonly idempotencyKey: string | null;
}

/**
 * The one place where the provider's state changes.
 *
 * `write` is synchronous up to the moment where everything has its place in the journal's order, so no other call can come
 * between a decision and its effect; what it returns resolves when the effect is on disk, and only then are its events sent.
 */
export class ProviderMemory {
  constructor(
    private readonly journal: Journal,
    private readonly sequences: Sequences,
    private readonly intents: IntentStore,
    private readonly authorisations: Authorisations,
    private readonly feed: EventFeed,
  ) {}

  write(
    decision: Decision,
    provenance: Provenance,
    beside: Pick<JournalEntry, 'calls' | 'answers' | 'landedCalls'> = {},
  ): Promise<void> {
    const { intent } = decision;
    const events = this.eventsOf(decision, provenance);
    const hasChanged = decision.applied || events.length > 0;
    if (intent !== null && hasChanged) {
      this.intents.remember(intent);
      this.authorisations.observe(intent);
    }
    const committed = this.journal.append({
      ...beside,
      ledger: this.ledgerOf(decision, provenance),
      intents: intent !== null && hasChanged ? [rowOfIntent(intent)] : [],
      refunds: this.refundsOf(decision),
      events,
    });
    return events.length === 0 ? committed : committed.then(() => this.feed.offer(events));
  }

  nextCall(): number {
    return this.sequences.next('call');
  }

  nextObject(): number {
    return this.sequences.next('object');
  }

  /** Remembers a call that changed nothing. */
  record(call: CallRow): Promise<void> {
    return this.journal.append({ calls: [call] });
  }

  private ledgerOf({ intent, movements }: Decision, { now, idempotencyKey }: Provenance): LedgerRow[] {
    if (intent === null) return [];
    return movements.map(({ kind, amount }) => ({
      seq: this.sequences.next('ledger'),
      at: new Date(now).toISOString(),
      kind,
      order_id: intent.orderId,
      payment_intent: intent.id,
      amount,
      currency: intent.currency.toUpperCase(),
      idempotency_key: idempotencyKey,
    }));
  }

  private eventsOf({ intent, events }: Decision, { now, idempotencyKey }: Provenance): EventRow[] {
    if (intent === null) return [];
    return events.map((type) =>
      newEvent(type, intent, { seq: this.nextObject(), now, requestId: null, idempotencyKey }),
    );
  }

  private refundsOf({ refund }: Decision): RefundRow[] {
    if (refund === null) return [];
    return [
      {
        id: refund.id,
        seq: refund.seq,
        payment_intent: refund.paymentIntent,
        created_at: new Date(refund.createdAtMs).toISOString(),
        document: refund,
      },
    ];
  }
}
