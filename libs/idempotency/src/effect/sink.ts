import type { Outcome } from '../idempotency-record.js';

/** A call to the outside as it was written down before it was made. */
export interface Operation {
  /** Names the operation for ever; where the sink takes an idempotency key, this is it. Never an attempt, a time, a message id. */
  readonly key: string;
  /** The row that the operation is about. */
  readonly subject: string;
  /** What is sent, byte for byte the same in every try. */
  readonly request: string;
}

/** Something outside our database that an operation has its effect in, and what can be done about an answer that is lost. */
export interface Sink {
  /**
   * Makes the call. Resolves with a definite answer, a definite no included; rejects when the answer is not known. It has
   * a time limit of its own, and tries once: every retry is counted here, not in a client library.
   */
  send(operation: Operation, signal: AbortSignal): Promise<Outcome>;
  readonly resolution: Resolution;
}

/** How a sink lets us find out what became of a call whose answer is not known. */
export type Resolution =
  /** The call names an object of the sink, whose state refuses a second application. Null: it cannot be read now. */
  | { readonly kind: 'addressed'; readonly read: (operation: Operation) => Promise<Outcome | 'unchanged' | null> }
  /** The sink answers a repeated key with its first answer, as long as it remembers. Null: it was not found, which proves nothing. */
  | {
      readonly kind: 'keyed';
      readonly keyLifeMs: number;
      /** For the time that a call takes and for clocks that differ. */
      readonly marginMs: number;
      readonly lookUp: (operation: Operation) => Promise<Outcome | null>;
    }
  /** The sink cannot be asked. Either a lost answer stays unknown, or the effect may happen twice: the caller must choose. */
  | { readonly kind: 'blind'; readonly sends: 'at-most-once' | 'at-least-once' };

/** What became of an operation, as its record keeps it. */
export type EffectOutcome =
  | { readonly kind: 'answered'; readonly answer: Outcome }
  /** It was sent once, perhaps, and will not be sent again. */
  | { readonly kind: 'unknown' };

/** Reads the outcome of an operation's record. */
export function readEffectOutcome(outcome: Outcome): EffectOutcome {
  const { kind, answer } = outcome as { kind?: unknown; answer?: unknown };
  if (kind === 'unknown') return { kind };
  if (kind === 'answered' && typeof answer === 'object' && answer !== null) return { kind, answer };
  throw new TypeError('The outcome of the record is not that of an operation.');
}

export type Move = 'send' | 'read' | 'look-up' | 'give-up';

/** What to do next about an operation that was sent that often, and first that long ago by the database's clock. */
export function nextMove(resolution: Resolution, sends: number, sinceFirstSendMs: number): Move {
  if (sends === 0) return 'send';
  switch (resolution.kind) {
    case 'addressed':
      return 'read';
    case 'keyed':
      return sinceFirstSendMs < resolution.keyLifeMs - resolution.marginMs ? 'send' : 'look-up';
    case 'blind':
      return resolution.sends === 'at-least-once' ? 'send' : 'give-up';
  }
}
