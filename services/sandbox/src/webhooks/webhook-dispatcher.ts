import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import type { Draw } from '../faults/fault-plan.js';
import type { Faults } from '../faults/faults.js';
import { backoffMs } from './backoff.js';
import type { EventFeed } from './event-feed.js';
import { Overtaking } from './overtaking.js';
import type { ReceiverGate } from './receiver-gate.js';
import { subjectOfEvent } from './subject-of-event.js';
import type { Attempted, AttemptResult, PendingEvent, WebhookAttempt } from './webhook-attempt.js';

/** Events kept in memory while they wait; the others wait on disk. */
const TRACKED_MAX = 5_000;

/** A database that has just cut a session is back within a second, as a rule. */
const CATCH_UP_AGAIN_MS = 1_000;

interface Delivery {
  readonly event: PendingEvent;
  readonly attempt: number;
  /** Set when the fault has had its delay. */
  readonly draw?: Draw;
}

/**
 * Tells the receiver what happened: each event at least once, until it answers 2xx, in no particular order.
 *
 * Events are on disk before they are offered here, and stay unsettled there until they were received. After a crash they
 * are sent again: the receiver sees some twice, and none never, unless a fault drops it.
 */
export class WebhookDispatcher implements EventFeed {
  private readonly tracked = new Set<string>();
  private readonly due: Delivery[] = [];
  private readonly overtaking = new Overtaking();
  private underway = 0;
  private wakeUp: NodeJS.Timeout | undefined;
  /** There may be events on disk that are not tracked. */
  private isBehind = true;
  private isStopped = false;

  constructor(
    private readonly pool: Pool,
    private readonly faults: Faults,
    private readonly attempts: WebhookAttempt,
    private readonly gate: ReceiverGate,
    private readonly clock: () => number,
    private readonly log: (message: string) => void,
  ) {}

  /** Takes up what earlier runs have not delivered. */
  start(): Promise<void> {
    return this.catchUp();
  }

  stop(): void {
    this.isStopped = true;
    clearTimeout(this.wakeUp);
  }

  offer(events: readonly PendingEvent[]): void {
    for (const event of events) {
      if (this.tracked.has(event.id)) continue;
      if (this.tracked.size >= TRACKED_MAX) {
        this.isBehind = true;
        break;
      }
      this.tracked.add(event.id);
      this.due.push({ event, attempt: 1 });
    }
    this.pump();
  }

  private async catchUp(): Promise<void> {
    this.isBehind = false;
    try {
      const { rows } = await this.pool.query<PendingEvent>(
        `select id, order_id, type, document from undelivered_event join event using (id)
         where id <> all ($1) order by seq limit $2`,
        [[...this.tracked], TRACKED_MAX],
      );
      if (rows.length === TRACKED_MAX) this.isBehind = true;
      this.offer(rows);
    } catch (error) {
      this.log(`webhooks: what is undelivered could not be read: ${String(error)}`);
      this.isBehind = true;
      setTimeout(() => void this.catchUp(), CATCH_UP_AGAIN_MS).unref();
    }
  }

  /** Starts as many deliveries as may be under way. */
  private pump(): void {
    while (!this.isStopped && this.underway < this.gate.concurrency && this.due.length > 0) {
      const waitMs = this.gate.waitMs(this.clock());
      if (waitMs > 0) {
        this.pumpIn(waitMs);
        return;
      }
      const delivery = this.due.shift();
      if (delivery !== undefined) this.begin(delivery);
    }
  }

  private pumpIn(ms: number): void {
    clearTimeout(this.wakeUp);
    this.wakeUp = setTimeout(() => this.pump(), ms).unref();
  }

  private begin(delivery: Delivery): void {
    const { event } = delivery;
    const draw = delivery.draw ?? this.faults.draw('webhooks.deliver', subjectOfEvent(event));
    const delay = delivery.draw === undefined ? this.delayOf(event, draw) : undefined;
    const step =
      delay === undefined ? this.perform(delivery, draw) : delay.then(() => this.enqueue({ ...delivery, draw }));
    // What fails here is the journal, and that ends the process (journal.ts).
    step.catch((error: unknown) => this.log(`webhooks: ${String(error)}`));
  }

  /** Faults that let time pass do so without keeping others from being delivered. */
  private delayOf(event: PendingEvent, draw: Draw): Promise<void> | undefined {
    if (draw.fault === 'slow') return sleep(draw.delayMs, undefined, { ref: false });
    if (draw.fault === 'reorder') return this.overtaking.beOvertaken(event.order_id ?? event.id, draw.delayMs);
    return undefined;
  }

  private async perform(delivery: Delivery, draw: Draw): Promise<void> {
    const { result, recorded } = await this.attempt(delivery.event, draw);
    // The receiver is free for the next one; only what follows for this event waits for the disk.
    this.pump();
    await recorded;
    await this.conclude(delivery, result);
    this.pump();
  }

  private async attempt(event: PendingEvent, draw: Draw): Promise<Attempted> {
    this.underway += 1;
    try {
      const attempted = await this.attempts.run(event, draw);
      if (attempted.result === 'silent') this.gate.observeSilence(this.clock());
      if (attempted.result === 'received' || attempted.result === 'refused') this.gate.observeAnswer();
      return attempted;
    } finally {
      this.underway -= 1;
    }
  }

  private async conclude({ event, attempt }: Delivery, result: AttemptResult): Promise<void> {
    const again: Delivery = { event, attempt: attempt + 1 };
    switch (result) {
      case 'received':
      case 'dropped':
        this.tracked.delete(event.id);
        if (result === 'received') this.overtaking.observeDelivery(event.order_id ?? event.id);
        if (this.isBehind && this.tracked.size < TRACKED_MAX / 2) await this.catchUp();
        return;
      case 'refused':
      case 'faulted':
        this.enqueueIn(backoffMs(attempt), again);
        return;
      case 'silent':
        this.due.unshift(again);
        return;
    }
  }

  private enqueueIn(ms: number, delivery: Delivery): void {
    setTimeout(() => this.enqueue(delivery), ms).unref();
  }

  private enqueue(delivery: Delivery): void {
    this.due.push(delivery);
    this.pump();
  }
}
