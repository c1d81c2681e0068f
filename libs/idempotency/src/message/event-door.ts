import type { Decision } from '../atomic-executor.js';
import { encounter } from '../encounter.js';
import type { IdempotencyRecord, NewRecord } from '../idempotency-record.js';
import { FINISHED } from '../recovery-point.js';
import { isTooOld } from './too-old.js';

/** Scope of the records of events that others send us. */
export const EVENT_SCOPE = 'event';

/** What a sender tells by itself and repeats until we say that we have it, in any order. */
export interface ArrivingEvent {
  /** The sender's id of the event, the same in every repeat. */
  readonly id: string;
  readonly fingerprint: string;
  readonly subject: string;
  /** Milliseconds between when it happened, by the sender's clock, and now, by the database's. */
  readonly ageMs: number;
}

export type EventAnswer =
  /** It counts from now on. */
  | { readonly kind: 'counted' }
  /** It counted before; nothing happens. */
  | { readonly kind: 'repeated' }
  /** The same id with other business fields: nothing happens, and it is worth an alarm. */
  | { readonly kind: 'mismatched' }
  /** So old that the record of its first arrival may be gone: nothing happens, whoever sent it again. */
  | { readonly kind: 'too-old' };

/** The door through which an event enters: the decision for one arrival. Pure. `change` carries the record. */
export function decideEvent<Change>(
  record: IdempotencyRecord | null,
  event: ArrivingEvent,
  retentionMs: number,
  change: (record: NewRecord) => Change,
): Decision<Change, EventAnswer> {
  const met = encounter(record, event.fingerprint);
  switch (met.kind) {
    case 'mismatched':
      return { kind: 'answer', answer: { kind: 'mismatched' } };
    case 'finished':
    case 'in-progress':
      return { kind: 'answer', answer: { kind: 'repeated' } };
    case 'new': {
      if (isTooOld(event.ageMs, retentionMs)) return { kind: 'answer', answer: { kind: 'too-old' } };
      const { id, fingerprint, subject } = event;
      const identity = { scope: EVENT_SCOPE, key: id, fingerprint, subject };
      const newRecord: NewRecord = { ...identity, recoveryPoint: FINISHED, outcome: {}, retentionMs };
      return { kind: 'change', change: change(newRecord), answer: { kind: 'counted' } };
    }
  }
}
