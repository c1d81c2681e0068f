import { setTimeout as sleep } from 'node:timers/promises';

/** Holds events back until a later one about the same order has passed them. */
export class Overtaking {
  private readonly waiting = new Map<string, Set<() => void>>();

  /** Resolves when another event of the order was delivered, or when the time is over: a last event has no successor. */
  async beOvertaken(orderId: string, withinMs: number): Promise<void> {
    const others = this.waiting.get(orderId) ?? new Set<() => void>();
    this.waiting.set(orderId, others);
    let release = (): void => undefined;
    const overtaken = new Promise<void>((resolve) => {
      release = resolve;
    });
    others.add(release);
    await Promise.race([overtaken, sleep(withinMs, undefined, { ref: false })]);
    others.delete(release);
    if (others.size === 0) this.waiting.delete(orderId);
  }

  observeDelivery(orderId: string): void {
    for (const release of this.waiting.get(orderId) ?? []) release();
  }
}
