import { setTimeout as sleep } from 'node:timers/promises';

/** Waits that are meant: latency, slowness. A shutdown ends them all at once, and what was waited for goes on. */
export class Patience {
  private readonly end = new AbortController();

  async wait(ms: number): Promise<void> {
    // Rejects only when the end comes, which is what ends the wait.
    if (ms > 0) await sleep(ms, undefined, { ref: false, signal: this.end.signal }).catch(() => undefined);
  }

  lose(): void {
    this.end.abort();
  }
}
