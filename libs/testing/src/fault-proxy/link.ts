import { setTimeout as pause } from 'node:timers/promises';

/** What is wrong with the whole link, whatever is said on it. Each pass waits here. */
export class Link {
  private speed = FREE;
  private standstill: { readonly until: Promise<void>; readonly end: () => void } | undefined;

  /** Nothing is wrong, so nothing need wait. */
  get isFree(): boolean {
    return this.standstill === undefined && this.speed === FREE;
  }

  /** Half open: connections stay, and no byte, FIN or reset passes in either direction. */
  hold(): void {
    if (this.standstill !== undefined) return;
    let end = (): void => {};
    const until = new Promise<void>((resolve) => (end = resolve));
    this.standstill = { until, end };
  }

  release(): void {
    this.standstill?.end();
    this.standstill = undefined;
  }

  slow(speed: LinkSpeed): void {
    this.speed = speed.delayMs === undefined && speed.bytesPerSecond === undefined ? FREE : speed;
  }

  async whileHeld(): Promise<void> {
    while (this.standstill !== undefined) await this.standstill.until;
  }

  async pass(bytes: number): Promise<void> {
    const { delayMs = 0, bytesPerSecond = Infinity } = this.speed;
    const ms = delayMs + (bytes / bytesPerSecond) * 1_000;
    if (ms > 0) await pause(ms);
    await this.whileHeld();
  }
}

export interface LinkSpeed {
  /** Added to each pass of bytes that were read together. Default 0. */
  readonly delayMs?: number;
  /** Of one direction of one connection. Default: no limit. */
  readonly bytesPerSecond?: number;
}

const FREE: LinkSpeed = {};
