import { backoffMs } from './backoff.js';

/**
 * Whether the receiver is there at all.
 *
 * While it is not, one delivery at a time finds out when it is back: thousands that are due must not each knock on a
 * closed door.
 */
export class ReceiverGate {
  private silences = 0;
  private opensAtMs = 0;

  constructor(private readonly concurrencyMax: number) {}

  /** How many deliveries may be under way. */
  get concurrency(): number {
    return this.silences === 0 ? this.concurrencyMax : 1;
  }

  /** How long to wait before the next delivery. */
  waitMs(now: number): number {
    return Math.max(0, this.opensAtMs - now);
  }

  /** Any answer, a refusal too, shows that somebody is there. */
  observeAnswer(): void {
    this.silences = 0;
    this.opensAtMs = 0;
  }

  observeSilence(now: number): void {
    this.silences += 1;
    this.opensAtMs = now + backoffMs(this.silences);
  }
}
