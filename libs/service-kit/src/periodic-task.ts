import { Logger } from '@nestjs/common';

export interface PeriodicTaskOptions {
  readonly name: string;
  readonly intervalMs: number;
  /** One bounded pass. Its signal is aborted by stop(), for passes that can end early. */
  readonly runOnce: (signal: AbortSignal) => Promise<unknown>;
  /** Where in its range a pause falls, from 0 to 1. Standard: Math.random. */
  readonly random?: () => number;
  readonly onError?: (error: unknown) => void;
}

/** Pauses vary by a fifth, so that replicas that were started together do not stay in step. */
const JITTER = 0.2;

/** What setTimeout can hold; above it Node fires at once. */
const TIMER_MAX_MS = 2_147_483_647;

/**
 * The thin loop around an agent's runOnce(): passes never overlap, a failed pass is reported and followed by the next, and
 * stop() waits for the pass in flight.
 *
 * States: stopped → start() → waiting ⇄ running → stop() → stopped. The first pass begins at once. wake() ends a wait early, and
 * during a pass it asks for another one right after: what it announces may have come too late for the pass in flight.
 */
export class PeriodicTask {
  private readonly log: Logger;
  private abort: AbortController | undefined;
  private timer: NodeJS.Timeout | undefined;
  private passInFlight: Promise<void> | undefined;
  private isWoken = false;

  constructor(private readonly options: PeriodicTaskOptions) {
    this.log = new Logger(options.name);
  }

  /** Starting twice is harmless. */
  start(): void {
    if (this.abort !== undefined) return;
    this.abort = new AbortController();
    this.schedule(0);
  }

  /** Asks for a pass now. Without effect on a stopped task. */
  wake(): void {
    if (this.abort === undefined) return;
    if (this.passInFlight === undefined) this.schedule(0);
    else this.isWoken = true;
  }

  /** Resolves when no pass runs and none will. */
  async stop(): Promise<void> {
    this.abort?.abort();
    this.abort = undefined;
    clearTimeout(this.timer);
    await this.passInFlight;
  }

  private schedule(pauseMs: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.beginPass(), Math.min(pauseMs, TIMER_MAX_MS));
    // A process with nothing else to do may end; only a pass in flight is waited for.
    this.timer.unref();
  }

  private beginPass(): void {
    const signal = this.abort?.signal;
    // A pass in flight here was begun before a stop() and a new start(); its end schedules the next one.
    if (signal === undefined || this.passInFlight !== undefined) return;
    this.isWoken = false;
    this.passInFlight = this.runPass(signal).finally(() => {
      this.passInFlight = undefined;
      if (this.abort !== undefined) this.schedule(this.isWoken ? 0 : this.nextPauseMs());
    });
  }

  private async runPass(signal: AbortSignal): Promise<void> {
    try {
      await this.options.runOnce(signal);
    } catch (error) {
      if (this.options.onError === undefined) this.log.error({ message: 'pass failed', error });
      else this.options.onError(error);
    }
  }

  private nextPauseMs(): number {
    const random = this.options.random ?? Math.random;
    return this.options.intervalMs * (1 + JITTER * (2 * random() - 1));
  }
}
