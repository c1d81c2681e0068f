import type { CommittedMessage } from './outgoing-message.js';

/**
 * Committed messages on their way out through memory, by queue.
 *
 * A queue gets its next publication when the last one is settled, and a full one at any time: what was committed
 * meanwhile travels together. So nobody waits for company, and company comes with the load (Nagle's algorithm, RFC 896).
 */
export class OutboxBuffer {
  private readonly queues = new Map<string, Queue>();
  private waiting = 0;
  private unsettled = 0;

  /** `membersMax`: messages of a full publication. */
  constructor(private readonly membersMax: number) {}

  /** Nothing waits, and nothing is under way. */
  get isEmpty(): boolean {
    return this.waiting === 0 && this.unsettled === 0;
  }

  get room(): number {
    return BUFFER_MAX - this.waiting;
  }

  put(message: CommittedMessage): void {
    this.queueOf(message.destination).waiting.push({ message, sinceMs: performance.now() });
    this.waiting += 1;
  }

  /** What may leave now, in order within its queue. What waits since before `oldestMs` is dropped, and counted. */
  take(oldestMs: number): { readonly messages: readonly CommittedMessage[]; readonly dropped: number } {
    const messages: CommittedMessage[] = [];
    let dropped = 0;
    for (const queue of this.queues.values()) {
      const taken = queue.waiting.splice(0, this.mayLeave(queue));
      const fresh = taken.filter(({ sinceMs }) => sinceMs >= oldestMs);
      dropped += taken.length - fresh.length;
      this.waiting -= taken.length;
      messages.push(...fresh.map(({ message }) => message));
    }
    return { messages, dropped };
  }

  /** Drops what waits. */
  clear(): number {
    const dropped = this.waiting;
    for (const queue of this.queues.values()) queue.waiting = [];
    this.waiting = 0;
    return dropped;
  }

  /** A publication for this queue is under way. */
  sent(destination: string): void {
    this.queueOf(destination).unsettled += 1;
    this.unsettled += 1;
  }

  /** It was confirmed, returned or given up. */
  settled(destination: string): void {
    this.queueOf(destination).unsettled -= 1;
    this.unsettled -= 1;
  }

  private mayLeave({ waiting, unsettled }: Queue): number {
    const inFull = waiting.length - (waiting.length % this.membersMax);
    return Math.min(unsettled === 0 ? waiting.length : inFull, Math.max(0, IN_FLIGHT_MAX - unsettled));
  }

  private queueOf(destination: string): Queue {
    let queue = this.queues.get(destination);
    if (queue === undefined) this.queues.set(destination, (queue = { waiting: [], unsettled: 0 }));
    return queue;
  }
}

interface Queue {
  waiting: { readonly message: CommittedMessage; readonly sinceMs: number }[];
  unsettled: number;
}

/** About two seconds of messages at full speed, some megabytes; more than that would only wait in another place. */
const BUFFER_MAX = 5_000;

/** Publications of a queue without confirm at a time. Throughput stops growing at some hundreds; a lost connection repeats these. */
const IN_FLIGHT_MAX = 500;
