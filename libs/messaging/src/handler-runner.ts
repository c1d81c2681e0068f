import type { Delivery, HandlerTable } from './delivery.js';
import { messageOf, TerminalDeliveryError } from './errors.js';
import type { Envelope } from './envelope.js';
import type { Logger } from './logger.js';
import type { DeadLetterReason, MessagingObserver } from './observer.js';
import type { Verdict } from './verdict.js';

/** What became of one attempt; a failed one carries what a human will want to know. */
export type Attempted =
  | { readonly kind: 'done' }
  | { readonly kind: 'retry'; readonly reason: string; readonly stack: string | null }
  | {
      readonly kind: 'dead-letter';
      readonly why: DeadLetterReason;
      readonly reason: string;
      readonly stack: string | null;
    };

/** Makes one attempt at a message: finds its handler, runs it, and turns whatever comes out into a value. Never rejects. */
export class HandlerRunner {
  constructor(
    private readonly handlers: HandlerTable,
    private readonly observer: MessagingObserver,
    private readonly logger: Logger,
  ) {}

  async attempt(delivery: Delivery): Promise<Attempted> {
    const { type, version } = delivery.envelope;
    const handler = this.handlers.find(type, version);
    if (handler === undefined) {
      return {
        kind: 'dead-letter',
        why: 'unknown_type',
        reason: `no handler for messages of type ${type}, version ${version}`,
        stack: null,
      };
    }
    const startedMs = performance.now();
    let attempted: Attempted;
    try {
      attempted = attemptedOf(await handler(delivery));
    } catch (error) {
      attempted = classifyFailure(error);
    }
    this.report(delivery.envelope, attempted, performance.now() - startedMs, delivery.attempt);
    return attempted;
  }

  private report(envelope: Envelope, attempted: Attempted, durationMs: number, attempt: number): void {
    const { type, id: messageId, sagaId, traceparent } = envelope;
    this.observer.handled(type, attempted.kind === 'dead-letter' ? 'refuse' : attempted.kind, durationMs);
    if (attempted.kind === 'done') return;
    const { kind, reason, stack } = attempted;
    const traceId = traceparent?.split('-')[1];
    this.logger.warn(
      { messageId, sagaId, traceId, type, attempt, verdict: kind, reason, stack },
      'message not handled',
    );
  }
}

function attemptedOf(verdict: Verdict): Attempted {
  if (verdict.kind === 'done') return verdict;
  if (verdict.kind === 'retry') return { kind: 'retry', reason: verdict.reason, stack: null };
  return { kind: 'dead-letter', why: 'refused', reason: verdict.reason, stack: null };
}

/**
 * What a thrown error means. Only those that say so are terminal: a bug that is fixed by the next deployment looks like
 * any other error, and attempts are bounded anyway.
 */
function classifyFailure(error: unknown): Attempted {
  const reason = messageOf(error);
  const stack = error instanceof Error ? (error.stack ?? null) : null;
  if (error instanceof TerminalDeliveryError) return { kind: 'dead-letter', why: 'refused', reason, stack };
  return { kind: 'retry', reason, stack };
}
