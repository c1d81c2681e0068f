import { nextStep, type RetryOptions } from './delivery-settlement.js';
import { decodeEnvelope } from './envelope.js';
import type { ClaimedDelivery, FailedDeliveryStore } from './failed-delivery-store.js';
import type { Attempted, HandlerRunner } from './handler-runner.js';
import type { Logger } from './logger.js';
import type { MessagingObserver } from './observer.js';

/**
 * Runs failed deliveries again when their backoff is over, through the same handlers as deliveries.
 *
 * Guarantees: an attempt is counted when it is claimed, so a message that kills its process becomes a dead letter too.
 * Survives: a crash (the lease ends and another sweeper goes on), a handler that outlives the lease (its verdict changes
 * nothing, the next claim's does).
 */
export class FailedDeliverySweeper {
  constructor(
    private readonly runner: HandlerRunner,
    private readonly store: FailedDeliveryStore,
    private readonly observer: MessagingObserver,
    private readonly logger: Logger,
    private readonly options: FailedDeliverySweeperOptions,
  ) {}

  /** One bounded pass. The caller loops: at once after a full page, else after an interval. */
  async runOnce(): Promise<RetryReport> {
    const claimed = await this.store.claimDue(PAGE, this.options.leaseMs);
    const results = await Promise.all(claimed.map((delivery) => this.retry(delivery)));
    const count = (kind: RetryResult): number => results.filter((result) => result === kind).length;
    return {
      claimed: claimed.length,
      done: count('done'),
      retried: count('retry'),
      deadLettered: count('dead-letter'),
      superseded: count('superseded'),
    };
  }

  private async retry(claimed: ClaimedDelivery): Promise<RetryResult> {
    const attempted = await this.attempt(claimed);
    if (attempted.kind === 'done') return (await this.store.resolve(claimed)) ? 'done' : this.superseded(claimed);
    const { next, why } = nextStep(attempted, claimed.attempt, this.options);
    const isOurs = await this.store.failAgain(claimed, attempted.reason, attempted.stack, next);
    if (!isOurs) return this.superseded(claimed);
    if (why !== null) this.observer.deadLettered(why);
    return next.kind;
  }

  private async attempt(claimed: ClaimedDelivery): Promise<Attempted> {
    const { attempt } = claimed;
    if (attempt > this.options.attemptsMax) {
      const reason = `attempt ${attempt - 1} ended without an outcome; the message may end the process that handles it`;
      return { kind: 'dead-letter', why: 'attempts_exhausted', reason, stack: null };
    }
    const decoded = decodeEnvelope(claimed.body);
    if (decoded.kind === 'undecodable') {
      return { kind: 'dead-letter', why: 'undecodable', reason: decoded.reason, stack: null };
    }
    return this.runner.attempt({ envelope: decoded.envelope, isRedelivered: true, attempt });
  }

  private superseded(claimed: ClaimedDelivery): RetryResult {
    this.logger.warn(
      { failedDeliveryId: claimed.id, attempt: claimed.attempt },
      'retry outlived its lease; its verdict is void',
    );
    return 'superseded';
  }
}

export interface FailedDeliverySweeperOptions extends RetryOptions {
  /** Above the longest run of a handler. */
  readonly leaseMs: number;
}

export interface RetryReport {
  readonly claimed: number;
  readonly done: number;
  readonly retried: number;
  readonly deadLettered: number;
  readonly superseded: number;
}

type RetryResult = 'done' | 'retry' | 'dead-letter' | 'superseded';

/** One batch of the handlers behind it. */
const PAGE = 50;
