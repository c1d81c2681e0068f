import { messageOf } from './errors.js';
import type { Logger } from './logger.js';
import type { MessagingObserver } from './observer.js';
import { OutboxBuffer } from './outbox-buffer.js';
import { OutboxMarker } from './outbox-marker.js';
import type { ClaimedMessage, OutboxStore, PostponedMessage } from './outbox-store.js';
import type { CommittedMessage } from './outgoing-message.js';
import { toPublications, type Publication } from './publication.js';
import type { Publisher, PublishOutcome } from './publisher.js';
import { backoffMs } from './retry-policy.js';
import { pause } from './wait.js';

/**
 * Publishes what the outbox holds, so that each message leaves if and only if its transaction committed.
 *
 * Two ways lead out. Right after commit the messages are published from memory, without reading them back. Whatever
 * that missed (a crash, a full buffer, a broker that was away) is found by the sweep, which claims due rows and never
 * pages by an id: rows commit in another order than their ids, and `id > last` would skip the late ones.
 *
 * Guarantees: a row is deleted only after the broker confirmed its message and did not return it.
 * Survives: a crash at any line, any number of relays on one table, a broker that is away, blocked or without queues,
 * rows that can never be published (each waits for its own backoff and blocks nobody).
 * Does not cover: a message may leave twice (a crash between confirm and delete), and in any order. Receivers deduplicate.
 */
export class OutboxRelay {
  private readonly buffer: OutboxBuffer;
  private readonly marker: OutboxMarker;
  private readonly stopping = new AbortController();
  private isPumpScheduled = false;
  private loop: Promise<void> | undefined;

  constructor(
    private readonly store: OutboxStore,
    private readonly publisher: Publisher,
    private readonly observer: MessagingObserver,
    private readonly logger: Logger,
    private readonly options: OutboxRelayOptions,
  ) {
    this.buffer = new OutboxBuffer(options.membersMax);
    this.marker = new OutboxMarker(store, logger);
  }

  /**
   * To be called right after the commit, with what it inserted. Never throws and never waits. Memory is bounded: what
   * does not fit, or cannot leave now, is left to the sweep.
   */
  publishCommitted(messages: readonly CommittedMessage[]): void {
    const room = this.mayPublish() ? this.buffer.room : 0;
    for (const message of messages.slice(0, room)) this.buffer.put(message);
    if (messages.length > room) this.observer.leftToSweep(messages.length - room);
    this.schedulePump();
  }

  /** One bounded pass over what was left: claim, publish, settle exactly what was claimed. */
  async runOnce(): Promise<RelayReport> {
    if (this.publisher.state() !== 'up') return { claimed: 0, confirmed: 0, postponed: 0 };
    const claimed = await this.store.claim(SWEEP_PAGE, this.options.leaseMs);
    const byId = new Map(claimed.map((message) => [message.id, message]));
    const results = await Promise.all(
      toPublications(claimed, this.options.membersMax).map(async (publication) => ({
        publication,
        outcome: await this.send(publication, 'sweep'),
      })),
    );
    const confirmed: string[] = [];
    const postponed: PostponedMessage[] = [];
    for (const { publication, outcome } of results) {
      if (outcome.kind === 'confirmed') confirmed.push(...publication.messageIds);
      else postponed.push(...this.postpone(publication, outcome.reason, byId));
    }
    if (confirmed.length > 0) await this.store.remove(confirmed);
    if (postponed.length > 0) {
      this.logger.warn({ count: postponed.length, first: postponed[0] }, 'messages did not leave');
      await this.store.postpone(postponed);
    }
    return { claimed: claimed.length, confirmed: confirmed.length, postponed: postponed.length };
  }

  /** Sweeps until stopped: at once after a full page, else after the interval. Starting twice is harmless. */
  start(): void {
    this.loop ??= this.sweep();
  }

  /** Ends the sweep, publishes what memory holds and marks what was confirmed. What does not make it stays in the table. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.loop;
    const deadline = performance.now() + this.options.flushMs;
    while (!this.buffer.isEmpty && performance.now() < deadline) {
      this.pump();
      await pause(FLUSH_POLL_MS, NEVER);
    }
    await this.marker.close();
  }

  private mayPublish(): boolean {
    return this.options.pollMs === 0 && this.publisher.state() === 'up' && !this.stopping.signal.aborted;
  }

  private async sweep(): Promise<void> {
    const { signal } = this.stopping;
    const intervalMs = this.options.pollMs || this.options.sweepMs;
    while (!signal.aborted) {
      let isPageFull = false;
      try {
        const report = await this.runOnce();
        isPageFull = report.claimed === SWEEP_PAGE && report.confirmed > 0;
        if (report.claimed > 0) this.logger.debug(report, 'outbox swept');
      } catch (error) {
        this.logger.warn({ reason: messageOf(error) }, 'outbox sweep failed');
      }
      // The jitter keeps replicas from sweeping in step.
      if (!isPageFull) await pause(intervalMs * (0.75 + this.options.random() / 2), signal);
    }
  }

  private postpone(
    publication: Publication,
    reason: string,
    claimed: ReadonlyMap<string, ClaimedMessage>,
  ): readonly PostponedMessage[] {
    return publication.messageIds.flatMap((id) => {
      const message = claimed.get(id);
      if (message === undefined) return [];
      const { baseMs, maxMs } = BACKOFF;
      const afterMs = backoffMs(message.attempts, { baseMs, maxMs, random: this.options.random });
      return [{ id, attempts: message.attempts, reason, afterMs }];
    });
  }

  /** Messages committed in the same turn of the event loop travel together, so pumping starts after it. */
  private schedulePump(): void {
    if (this.isPumpScheduled || this.buffer.isEmpty) return;
    this.isPumpScheduled = true;
    setImmediate(() => {
      this.isPumpScheduled = false;
      this.pump();
    });
  }

  private pump(): void {
    const left = this.publisher.state() === 'up' ? 0 : this.buffer.clear();
    // A sweep elsewhere may take a row when its first lease ends, so memory trusts that lease for half its length only.
    const { messages, dropped } = this.buffer.take(performance.now() - this.options.firstLeaseMs / 2);
    if (left + dropped > 0) this.observer.leftToSweep(left + dropped);
    for (const publication of this.encode(messages)) void this.publishFromMemory(publication);
  }

  private encode(messages: readonly CommittedMessage[]): readonly Publication[] {
    try {
      return toPublications(messages, this.options.membersMax);
    } catch (error) {
      // One of them is not JSON, although the database has it as JSON: the sweep reads it from there. The others may go.
      if (messages.length > 1) return messages.flatMap((message) => this.encode([message]));
      this.logger.error({ reason: messageOf(error) }, 'committed message could not be encoded');
      this.observer.leftToSweep(messages.length);
      return [];
    }
  }

  private async publishFromMemory(publication: Publication): Promise<void> {
    this.buffer.sent(publication.destination);
    const outcome = await this.send(publication, 'commit');
    this.buffer.settled(publication.destination);
    // Anything else leaves the row as it is: the sweep takes it when its first lease ends.
    if (outcome.kind === 'confirmed') this.marker.mark(publication.messageIds);
    this.schedulePump();
  }

  private async send(publication: Publication, by: 'commit' | 'sweep'): Promise<PublishOutcome> {
    const { destination, messageIds } = publication;
    this.observer.published(destination, by, messageIds.length);
    const outcome = await this.publisher.publish(publication);
    if (outcome.kind === 'confirmed') this.observer.confirmed(destination, messageIds.length);
    else if (outcome.kind === 'returned') this.observer.returned(destination, messageIds.length);
    else this.observer.publishFailed(destination, messageIds.length);
    return outcome;
  }
}

export interface OutboxRelayOptions {
  /** Pause between two sweeps; it bounds how late a message is whose sender crashed. */
  readonly sweepMs: number;
  /**
   * 0: messages are published from memory right after their commit. Above: they leave only by a sweep, every so many
   * milliseconds, from a store that `takesUnclaimed`.
   */
  readonly pollMs: number;
  /** How long a sweep keeps its rows to itself: above the publisher's deadline, or two relays publish the same rows. */
  readonly leaseMs: number;
  /** The first lease that `insertOutbox` gives a row. */
  readonly firstLeaseMs: number;
  /** Messages for one queue that may travel in one broker message. */
  readonly membersMax: number;
  /** How long `stop` waits for confirms of what is under way. */
  readonly flushMs: number;
  readonly random: () => number;
}

export interface RelayReport {
  readonly claimed: number;
  readonly confirmed: number;
  readonly postponed: number;
}

/** Rows per pass: one claim, one delete, and about a megabyte in memory. */
const SWEEP_PAGE = 500;

/** A row that cannot leave (no queue, refused) is tried again soon, then every half minute, for ever. */
const BACKOFF = { baseMs: 500, maxMs: 30_000 } as const;

const FLUSH_POLL_MS = 10;
const NEVER = new AbortController().signal;
