/** Rows as they are written. Field names are the column names, because the whole batch travels as JSON (journal-statement.ts). */

export const MOVEMENTS = ['authorise', 'capture', 'void', 'refund'] as const;
export type Movement = (typeof MOVEMENTS)[number];

export interface LedgerRow {
  readonly seq: number;
  readonly at: string;
  readonly kind: Movement;
  readonly order_id: string | null;
  readonly payment_intent: string;
  readonly amount: number;
  readonly currency: string;
  readonly idempotency_key: string | null;
}

export interface CallRow {
  readonly seq: number;
  readonly at: string;
  readonly operation: string;
  readonly order_id: string | null;
  readonly payment_intent: string | null;
  readonly idempotency_key: string | null;
  readonly fingerprint: string;
  /** What was answered; null when no answer left. */
  readonly status: number | null;
  /** Whether this very call changed something; a replayed answer did not. */
  readonly applied: boolean;
  readonly fault: string | null;
  /** Place of the rule in its plan, so that counts survive a restart. */
  readonly fault_rule: number | null;
  readonly plan: number;
}

/** One attempt to hand something over: a webhook of ours to a receiver, or a mail to us. */
export interface DeliveryRow {
  readonly seq: number;
  readonly at: string;
  readonly operation: 'webhooks.deliver' | 'smtp.send';
  readonly order_id: string | null;
  /** Event id or Message-ID. */
  readonly reference: string;
  readonly status: number | null;
  readonly error: string | null;
  readonly fault: string | null;
  readonly fault_rule: number | null;
  readonly plan: number;
}

export interface MailRow {
  readonly seq: number;
  readonly at: string;
  readonly order_id: string | null;
  readonly template: string | null;
  readonly recipient: string;
  readonly subject: string;
  readonly message_id: string | null;
  readonly idempotency_key: string | null;
  readonly via: 'smtp';
}

export interface IntentRow {
  readonly id: string;
  readonly seq: number;
  readonly created_at: string;
  readonly order_id: string | null;
  readonly status: string;
  readonly document: unknown;
}

export interface RefundRow {
  readonly id: string;
  readonly seq: number;
  readonly payment_intent: string;
  readonly created_at: string;
  readonly document: unknown;
}

export interface EventRow {
  readonly id: string;
  readonly seq: number;
  readonly created_at: string;
  readonly order_id: string | null;
  readonly type: string;
  readonly document: unknown;
}

export interface StickyAnswerRow {
  readonly key: string;
  readonly seq: number;
  readonly fingerprint: string;
  readonly first_at: string;
  readonly status: number;
  readonly body: string;
}

/** What belongs together: all of it is on disk, or none. */
export interface JournalEntry {
  readonly ledger?: readonly LedgerRow[];
  readonly calls?: readonly CallRow[];
  /** Calls recorded earlier whose effect has landed only now. */
  readonly landedCalls?: readonly number[];
  readonly deliveries?: readonly DeliveryRow[];
  readonly mails?: readonly MailRow[];
  readonly intents?: readonly IntentRow[];
  readonly refunds?: readonly RefundRow[];
  readonly events?: readonly EventRow[];
  /** Events that need no further delivery. */
  readonly settledEvents?: readonly string[];
  readonly answers?: readonly StickyAnswerRow[];
}
