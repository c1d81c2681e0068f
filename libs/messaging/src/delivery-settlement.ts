import type { ReceivedDelivery, Settlement } from './delivery.js';
import type { Envelope } from './envelope.js';
import { messageOf } from './errors.js';
import type { FailedDelivery, FailedDeliveryStore, NextStep } from './failed-delivery-store.js';
import type { Attempted, HandlerRunner } from './handler-runner.js';
import type { Logger } from './logger.js';
import { readMembers, type Member } from './members.js';
import type { MessagingObserver } from './observer.js';
import { backoffMs, type BackoffOptions } from './retry-policy.js';
import { endsWithin, pause } from './wait.js';

/**
 * Decides what becomes of a delivery; the only place that does.
 *
 * | what happened                              | written                        | at the broker |
 * |--------------------------------------------|--------------------------------|---------------|
 * | the handler says `done`                    | by the handler                 | ack           |
 * | `retry`, or it throws                      | `failed_delivery`, due later   | ack           |
 * | `refuse`, unknown type, undecodable bytes  | `failed_delivery`, dead letter | ack           |
 * | its attempts are used up                   | `failed_delivery`, dead letter | ack           |
 * | nothing can be written (database away)     | nothing                        | requeue       |
 *
 * Guarantees: the broker forgets a message only after what became of it is committed in our database.
 * Survives: a message that kills the process (a redelivery is counted in the database before it runs, so the loop ends),
 * and its innocent neighbours (a message suspected of killing runs alone, so that it takes nobody with it), also those
 * that travelled with it: each is counted, retried and dead-lettered as a message of its own.
 */
export class DeliverySettlement {
  private readonly stopping = new AbortController();
  private suspectsAhead: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly runner: HandlerRunner,
    private readonly store: FailedDeliveryStore,
    private readonly observer: MessagingObserver,
    private readonly logger: Logger,
    private readonly options: DeliverySettlementOptions,
  ) {}

  /**
   * Messages that travelled together run together, each with a verdict of its own; the broker may forget them when every
   * one is decided. What comes again comes because something went wrong with one of them, so then each runs by itself.
   * Never rejects.
   */
  async settle(delivery: ReceivedDelivery): Promise<Settlement> {
    const members = readMembers(delivery.body);
    this.observer.received(delivery.isRedelivered, members.length);
    if (delivery.isRedelivered) return this.settleOneByOne(delivery, members);
    const settlements = await Promise.all(members.map((member) => this.settleMember(delivery, member)));
    return settlements.includes('requeue') ? 'requeue' : 'ack';
  }

  /**
   * The broker gave up on what it delivered too often. A message that came alone becomes a dead letter that operators
   * see. Of several only those do that were being handled when the process ended; the others get a run of their own.
   */
  async bury(delivery: ReceivedDelivery, reason: string): Promise<Settlement> {
    const members = readMembers(delivery.body);
    for (const member of members) {
      const settlement = await this.buryMember(delivery, member, reason, members.length === 1);
      if (settlement === 'requeue') return 'requeue';
    }
    return 'ack';
  }

  /** Whoever waits for the database stops waiting, and its message goes back to the broker. */
  stop(): void {
    this.stopping.abort();
  }

  private async settleOneByOne(delivery: ReceivedDelivery, members: readonly Member[]): Promise<Settlement> {
    for (const member of members) {
      // Without the database the next member would only wait as long again.
      if ((await this.settleMember(delivery, member)) === 'requeue') return 'requeue';
    }
    return 'ack';
  }

  private settleMember(whole: ReceivedDelivery, { body, decoded }: Member): Promise<Settlement> {
    const delivery = { ...whole, body };
    if (decoded.kind === 'undecodable') {
      return this.record(delivery, null, 1, {
        kind: 'dead-letter',
        why: 'undecodable',
        reason: decoded.reason,
        stack: null,
      });
    }
    if (!delivery.isRedelivered) return this.attempt(delivery, decoded.envelope, 1);
    return this.attemptAgain(delivery, decoded.envelope);
  }

  private async buryMember(
    whole: ReceivedDelivery,
    { body, decoded }: Member,
    reason: string,
    isAlone: boolean,
  ): Promise<Settlement> {
    const delivery = { ...whole, body };
    const envelope = decoded.kind === 'envelope' ? decoded.envelope : null;
    if (envelope !== null && !isAlone) {
      const counted = await this.patiently(envelope, 'read attempts', () => this.store.attemptsOf(envelope.id));
      if (counted.kind === 'gave-up') return 'requeue';
      if (counted.value < SUSPECT_ATTEMPTS)
        return this.record(delivery, envelope, 0, { kind: 'retry', reason, stack: null });
    }
    return this.record(delivery, envelope, 0, {
      kind: 'dead-letter',
      why: 'dead_lettered_by_broker',
      reason,
      stack: null,
    });
  }

  private async attemptAgain(delivery: ReceivedDelivery, envelope: Envelope): Promise<Settlement> {
    const counted = await this.patiently(envelope, 'read attempts', () => this.store.attemptsOf(envelope.id));
    if (counted.kind === 'gave-up') return 'requeue';
    if (counted.value < SUSPECT_ATTEMPTS) return this.attemptCounted(delivery, envelope);
    const turn = endsWithin(SUSPECT_TURN_MS, this.suspectsAhead);
    const settled = turn.then(() => this.attemptCounted(delivery, envelope));
    this.suspectsAhead = settled;
    return settled;
  }

  /** Counts first, and right before running: what only waits for its turn when the process dies has made no attempt. */
  private async attemptCounted(delivery: ReceivedDelivery, envelope: Envelope): Promise<Settlement> {
    const counted = await this.patiently(envelope, 'count attempt', () => this.store.countAttempt(envelope.id));
    if (counted.kind === 'gave-up') return 'requeue';
    // The first delivery was not counted, which is why it costs nothing.
    const attempt = counted.value + 1;
    if (attempt <= this.options.attemptsMax) return this.attempt(delivery, envelope, attempt);
    const reason = `delivered ${attempt} times without an outcome; it may end the process that handles it`;
    return this.record(delivery, envelope, attempt, {
      kind: 'dead-letter',
      why: 'attempts_exhausted',
      reason,
      stack: null,
    });
  }

  private async attempt(delivery: ReceivedDelivery, envelope: Envelope, attempt: number): Promise<Settlement> {
    const attempted = await this.runner.attempt({ envelope, isRedelivered: delivery.isRedelivered, attempt });
    if (attempted.kind !== 'done') return this.record(delivery, envelope, attempt, attempted);
    if (delivery.isRedelivered) this.forgetAttempts(envelope);
    return 'ack';
  }

  private async record(
    delivery: ReceivedDelivery,
    envelope: Envelope | null,
    attempts: number,
    failure: Failure,
  ): Promise<Settlement> {
    const step = nextStep(failure, attempts, this.options);
    const { reason, stack } = failure;
    const { body, properties } = delivery;
    const { id: messageId, type, sagaId } = envelope ?? UNREADABLE;
    const row: FailedDelivery = { body, properties, messageId, type, sagaId, reason, stack, attempts, next: step.next };
    const recorded = await this.patiently(envelope, 'record failed delivery', () => this.store.record(row));
    if (recorded.kind === 'gave-up') return 'requeue';
    if (step.why !== null) this.observer.deadLettered(step.why);
    return 'ack';
  }

  /**
   * Tries for a while to reach the database before the message is given back. Giving back is counted by the broker, so
   * doing it at once would use up its delivery limit in the first seconds of an outage.
   */
  private async patiently<Result>(
    envelope: Envelope | null,
    what: string,
    work: () => Promise<Result>,
  ): Promise<{ readonly kind: 'ok'; readonly value: Result } | { readonly kind: 'gave-up' }> {
    const { signal } = this.stopping;
    const deadline = performance.now() + this.options.holdMs;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return { kind: 'ok', value: await work() };
      } catch (error) {
        const { id: messageId, type } = envelope ?? UNREADABLE;
        const level = attempt === 1 ? 'warn' : 'debug';
        this.logger[level](
          { messageId, type, what, attempt, reason: messageOf(error) },
          'message held: database not reached',
        );
      }
      if (signal.aborted || performance.now() >= deadline) {
        this.observer.requeued();
        return { kind: 'gave-up' };
      }
      await pause(backoffMs(attempt, { ...HOLD_BACKOFF, random: this.options.backoff.random }), signal);
    }
  }

  private forgetAttempts(envelope: Envelope): void {
    this.store.forgetAttempts(envelope.id).catch((error: unknown) => {
      // Only a row that the reaper will find: the message is done.
      this.logger.debug({ messageId: envelope.id, reason: messageOf(error) }, 'attempts not forgotten');
    });
  }
}

export type Failure = Exclude<Attempted, { readonly kind: 'done' }>;

export interface DeliverySettlementOptions extends RetryOptions {
  /** How long a message is held while the database is away. Well below the broker's acknowledgement timeout. */
  readonly holdMs: number;
}

export interface RetryOptions {
  /** Attempts before a message becomes a dead letter, whoever counted them. */
  readonly attemptsMax: number;
  readonly backoff: BackoffOptions;
}

/** Whether a failed attempt is followed by another. The same for first deliveries and for retries. */
export function nextStep(
  failure: Failure,
  attempts: number,
  options: RetryOptions,
): { readonly next: NextStep; readonly why: Extract<Failure, { kind: 'dead-letter' }>['why'] | null } {
  if (failure.kind === 'dead-letter') return { next: { kind: 'dead-letter' }, why: failure.why };
  if (attempts >= options.attemptsMax) return { next: { kind: 'dead-letter' }, why: 'attempts_exhausted' };
  return { next: { kind: 'retry', afterMs: backoffMs(attempts, options.backoff) }, why: null };
}

/**
 * Counted attempts without an outcome from which on a message is suspected of ending the process. The first redelivery is
 * no suspicion: a killed process leaves a whole window of innocent messages behind, and running those one by one would
 * make every restart slow.
 */
const SUSPECT_ATTEMPTS = 1;

/** A message that kills does so soon. One whose handler hangs must not hold up the others that are suspected with it. */
const SUSPECT_TURN_MS = 10_000;

/** What can be said of bytes that are no envelope. */
const UNREADABLE = { id: null, type: null, sagaId: null } as const;

const HOLD_BACKOFF = { baseMs: 250, maxMs: 5_000 } as const;
